import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** The command in a process of its own. */
export interface Started {
  child: ChildProcess;
  /** Resolves once it has said this on either stream; rejects if it ends before. */
  says(pattern: RegExp): Promise<void>;
  ended: Promise<Ended>;
}

export interface Ended {
  /** Null after a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts `spillway` in a directory. Without a terminal. `main`: of a copy of the project. */
export function start(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
  main = resolve('src/cli/main.ts'),
): Started {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, SPILLWAY_ENDPOINT: '', SPILLWAY_API_KEY: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...said }));
  const says = (pattern: RegExp) =>
    new Promise<void>((found, reject) => {
      const look = () => {
        if (pattern.test(said.stdout + said.stderr)) found();
      };
      look();
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      ended.then(() => reject(new Error(`It ended before it said ${pattern}: ${JSON.stringify(said)}`)));
    });
  return { child, says, ended };
}

/** Runs `spillway` to its end. */
export const spillway = (...of: Parameters<typeof start>) => start(...of).ended;
