import { fileURLToPath } from 'node:url';
import type { OperationStats, SettingsChange } from '../../src/stand-ins/sandbox.ts';
import { startChild } from './child.ts';

/** Stand-ins in a process of their own: calls are judged when they arrive, whatever else this machine does. */
export interface SandboxProcess {
  url: string;
  /** Empty logs and full buckets, with these limits. */
  reset(limits: Readonly<Record<string, SettingsChange>>): Promise<void>;
  stats(): Promise<OperationStats[]>;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../../src/stand-ins/main.ts', import.meta.url));

export async function startSandboxProcess(timeScale: number): Promise<SandboxProcess> {
  const child = startChild(process.execPath, [main, '--port', '0', '--time-scale', String(timeScale)]);
  const said = new Promise<string>((resolve) => {
    let text = '';
    child.process.stdout?.on('data', (chunk) => {
      text += chunk;
      const url = /APIs at (http:\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const url = await Promise.race([said, child.output.then((text) => Promise.reject(new Error(text)))]);
  const order = async (path: string, body: unknown) => {
    const response = await fetch(`${url}/__sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The sandbox refused to ${path}: ${await response.text()}`);
  };
  return {
    url,
    async reset(limits) {
      await order('reset', {});
      for (const [api, change] of Object.entries(limits)) await order('configure', { api, ...change });
    },
    async stats() {
      const { operations } = (await (await fetch(`${url}/__sandbox/stats`)).json()) as {
        operations: OperationStats[];
      };
      return operations;
    },
    stop: () => child.stop(),
  };
}
