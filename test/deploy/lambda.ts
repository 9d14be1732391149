import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RuntimeMessage, WireCall } from './lambda-runtime.ts';

export interface LambdaOptions {
  /** The handler's module. */
  module: string;
  /** Directory that the process starts in. */
  cwd: string;
  /** All that the process sees of the environment. */
  env: Record<string, string>;
}

/** A function in a process of its own, as Lambda would run it. */
export function startLambda({ module, cwd, env }: LambdaOptions) {
  const { NODE_COMPILE_CACHE } = process.env;
  const child = fork(join(import.meta.dirname, 'lambda-runtime.ts'), [module], {
    cwd,
    env: { ...env, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const calls: WireCall[] = [];
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  let settle = (_message: RuntimeMessage) => {};
  child.on('message', (message: RuntimeMessage) => {
    if ('call' in message) calls.push(message.call);
    else settle(message);
  });
  const exited = once(child, 'exit').then(() => settle({ error: 'The process has ended' }));
  return {
    /** Calls to AWS so far. */
    calls,
    async invoke(event: unknown): Promise<unknown> {
      const message = await new Promise<RuntimeMessage>((resolve) => {
        settle = resolve;
        child.send(event as object);
      });
      if ('result' in message) return message.result;
      throw new Error(`${'error' in message ? message.error : ''}\n${output}`);
    },
    async stop(): Promise<void> {
      child.kill();
      await exited;
    },
  };
}
