import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { atExit } from './at-exit.ts';

export interface Child {
  process: ChildProcess;
  /** Resolves to all of its output when it has ended well; rejects with what it wrote to stderr otherwise. */
  output: Promise<string>;
  /** Ends it if it still runs, and waits for that. */
  stop(): Promise<void>;
}

/** Starts a program that ends with this process at the latest, and all that it starts too. `input` is written to its stdin. */
export function startChild(
  command: string,
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Child {
  // Detached: it leads a process group, which can be ended as one.
  const child = spawn(command, args, { env: { ...process.env, ...env }, detached: true });
  const forget = atExit(() => signalGroup(child, 'SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  // One that died before it read its input tells why on stderr.
  child.stdin.on('error', () => {}).end(input);
  const output = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ended with ${code ?? signal}: ${(err || out).trim().slice(-2000)}`));
    });
  });
  const ended = output.then(forget, forget);
  return {
    process: child,
    output,
    async stop() {
      signalGroup(child, 'SIGTERM');
      const force = setTimeout(() => signalGroup(child, 'SIGKILL'), 3000);
      await ended;
      clearTimeout(force);
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** Whether a program exists and accepts these arguments. */
export function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
