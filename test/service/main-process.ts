import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** The service as `npm start` runs it, in a process of its own that can be killed. */
export interface MainProcess {
  url: string;
  child: ChildProcess;
  /** kill -9. */
  kill(): Promise<void>;
}

/** Starts it and waits until it says where it listens. */
export async function startMain(args: string[], env: Record<string, string> = {}): Promise<MainProcess> {
  const child = spawn(process.execPath, ['src/local/main.ts', '--port', '0', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (found) resolve(found);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.on('exit', (code) => reject(new Error(`exited with ${code}: ${said}`)));
  });
  return {
    url,
    child,
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
