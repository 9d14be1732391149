import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { root } from '../../deploy/functions.ts';
import { eventually } from '../service/harness.ts';
import type { PythonTools } from './python-tools.ts';

/** An emulated AWS, which runs the functions of their zips in processes of this machine. */
export interface Ministack {
  url: string;
  /** File with all that it and the functions say. */
  log: string;
  stop(): Promise<void>;
}

/** Starts MiniStack, empty. It keeps its files within `directory`, and its functions run on this project's Node. */
export async function startMinistack(tools: PythonTools, directory: string): Promise<Ministack> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = join(directory, 'ministack.log');
  const output = openSync(log, 'w');
  const child = spawn(tools.executable('ministack'), {
    // Functions inherit it: nothing of this process's belongs in there.
    env: {
      PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
      HOME: directory,
      TMPDIR: directory,
      STATE_DIR: join(directory, 'state'),
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      // Its port is fixed: two runs on one machine would be in each other's way.
      IOT_MTLS_ENABLED: 'false',
    },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  await Promise.race([isUp(url), diedOf(child, log)]);
  return {
    url,
    log,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

async function isUp(url: string): Promise<void> {
  await eventually(async () => {
    const response = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    return response?.ok ? true : undefined;
  }, 60_000);
}

async function diedOf(child: ChildProcess, log: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`MiniStack did not start (exit code ${code}); ${log} says why`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
