import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { atExit } from '../at-exit.ts';
import type { Order, Result } from './order.ts';

const workerModule = new URL('./worker.ts', import.meta.url);

export interface Crew {
  /** Lets all of them begin at the same time. */
  begin(): void;
  pids: readonly number[];
  /** What each has done; undefined for one that was killed. */
  results: Promise<readonly (Result | undefined)[]>;
}

/** Starts worker processes, each with its order, and waits until all are ready. */
export async function startCrew(orders: readonly Order[]): Promise<Crew> {
  const children = orders.map(() => fork(workerModule, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  for (const child of children) {
    const forget = atExit(() => child.kill('SIGKILL'));
    child.once('exit', forget);
  }
  await Promise.all(
    children.map(async (child, at) => {
      const ready = message(child);
      child.send(orders[at] ?? {});
      if ((await ready) !== 'ready') throw new Error('A worker process did not start');
    }),
  );
  return {
    begin: () => {
      for (const child of children) child.send('begin');
    },
    pids: children.map(({ pid }) => pid ?? 0),
    results: Promise.all(children.map((child) => message(child) as Promise<Result | undefined>)),
  };
}

/** The next message; undefined when the process ends without one. */
async function message(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController();
  const ended = once(child, 'exit', { signal: gone.signal }).then(
    () => undefined,
    () => undefined,
  );
  const said = once(child, 'message', { signal: gone.signal }).then(
    ([value]) => value,
    () => undefined,
  );
  try {
    return await Promise.race([said, ended]);
  } finally {
    gone.abort();
  }
}
