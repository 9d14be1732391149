import type { Clock } from './clock.ts';
import { type Postponed, postponedIn } from './errors.ts';
import { waitsFor } from './waiting.ts';

/** How an item left the engine. `overflow`: not finished here and without an outcome; another worker continues. */
export type Settlement<Output> =
  | ({ status: 'succeeded'; output: Output } & Ran)
  | ({ status: 'failed'; error: unknown } & Ran)
  | ({ status: 'overflow'; reason: 'stopped' } & Partial<Ran>)
  | ({ status: 'overflow'; reason: 'postponed'; postponed: Postponed } & Ran)
  | { status: 'overflow'; reason: 'does-not-fit' | 'memory' };

/** Facts about an item that was started. Times in milliseconds. */
export interface Ran {
  durationMs: number;
  /** From the start of the run until it got its slot. */
  waitedMs: number;
  /** Items running when it started, itself included: how many shared the machine. */
  rank: number;
}

/**
 * `does-not-fit`: its expected time exceeds the remaining budget. `memory`: the process has too little memory to start
 * it. `stopped`: it was running when the budget ended, or the run was stopped from outside. An item may also postpone
 * itself: it throws {@link Postponed}, or an error caused by one.
 */
type Refusal = 'does-not-fit' | 'memory' | 'stopped';

/** Aborts running items when the budget ends. */
export class BudgetEnded extends Error {
  constructor() {
    super('The budget of this invocation has ended');
    this.name = 'BudgetEnded';
  }
}

export interface RunOptions<Item, Output> {
  /** Items that run at the same time, at least 1. */
  concurrency: number;
  clock: Clock;
  /**
   * Epoch milliseconds at which running items are aborted. An item starts only if it is expected to end by then. The
   * first item always starts: otherwise a wrong expectation would never be corrected, and an item that fits nowhere
   * would be handed on forever.
   */
  stopAt: number;
  /**
   * Expected milliseconds of an item if it started now as the `rank`-th of those running. Called when its turn comes,
   * so it may learn during the run.
   */
  expectedMs(item: Item, rank: number): number;
  run(item: Item, signal: AbortSignal): Promise<Output>;
  /** Called once per item, in the order in which they settle. Must not throw. */
  onSettled?(item: Item, settlement: Settlement<Output>): void;
  /**
   * How many slots may be in use now; fewer while memory is short. Called before each start. While it is 0 and no item
   * runs that could free memory, items overflow.
   */
  slots?(): number;
  /** Milliseconds that aborted items get to wind up before the run returns without them. Default: 0. */
  graceMs?: number;
  /** Stops the run from outside, as the end of the budget does. */
  signal?: AbortSignal;
}

/**
 * Runs items under a budget in a sliding window of `concurrency` slots: a slot takes the next item as soon as it is
 * free. Settles every item exactly once and never rejects; returns the settlements in the order of `items`.
 * After the budget ends, no item starts, and the run waits for running ones no longer than the grace time.
 */
export async function runUnderBudget<Item, Output>(
  items: readonly Item[],
  options: RunOptions<Item, Output>,
): Promise<Settlement<Output>[]> {
  const { clock, stopAt } = options;
  const stop = new AbortController();
  /** For every running item: a function that ends the wait for it. */
  const waitedFor = new Set<(left: typeof leftBehind) => void>();
  let running = 0;
  let started = 0;
  /** Set only while an item waits for memory. */
  let somethingSettled: PromiseWithResolvers<void> | undefined;
  let cancelGrace = () => {};

  const leaveBehind = () => {
    for (const resolve of waitedFor) resolve(leftBehind);
  };
  const windUp = (reason: unknown) => {
    if (stop.signal.aborted) return;
    stop.abort(reason);
    cancelGrace = clock.after(options.graceMs ?? 0, leaveBehind);
  };
  const onOutsideStop = () => windUp(options.signal?.reason);
  if (options.signal?.aborted) onOutsideStop();
  options.signal?.addEventListener('abort', onOutsideStop, { once: true });
  const queuedAt = clock.now();
  const cancelDeadline = clock.after(stopAt - queuedAt, () => windUp(new BudgetEnded()));

  const refusal = (item: Item): Refusal | undefined => {
    if (stop.signal.aborted) return 'stopped';
    if (options.slots && running >= options.slots()) return 'memory';
    const now = clock.now();
    if (now >= stopAt) return 'does-not-fit';
    const fits = started === 0 || now + options.expectedMs(item, running + 1) <= stopAt;
    return fits ? undefined : 'does-not-fit';
  };

  const attempt = async (item: Item): Promise<Settlement<Output>> => {
    let reason = refusal(item);
    while (reason === 'memory' && running > 0) {
      somethingSettled ??= Promise.withResolvers();
      const ended = waitsFor({ kind: 'memory', name: 'worker', since: clock.now() });
      await somethingSettled.promise;
      ended();
      reason = refusal(item);
    }
    if (reason) return { status: 'overflow', reason };
    running += 1;
    started += 1;
    const startedAt = clock.now();
    const rank = running;
    const ran = () => ({ durationMs: clock.now() - startedAt, waitedMs: startedAt - queuedAt, rank });
    let leave: ((left: typeof leftBehind) => void) | undefined;
    try {
      const work = options.run(item, stop.signal);
      const output = await new Promise<Output | typeof leftBehind>((resolve, reject) => {
        leave = resolve;
        waitedFor.add(resolve);
        work.then(resolve, reject);
      });
      return output === leftBehind
        ? { status: 'overflow', reason: 'stopped', ...ran() }
        : { status: 'succeeded', output, ...ran() };
    } catch (error) {
      const postponed = postponedIn(error);
      if (postponed) return { status: 'overflow', reason: 'postponed', postponed, ...ran() };
      // An error thrown after the abort says nothing about the item itself: the next worker runs it again.
      if (stop.signal.aborted) return { status: 'overflow', reason: 'stopped', ...ran() };
      return { status: 'failed', error, ...ran() };
    } finally {
      if (leave) waitedFor.delete(leave);
      running -= 1;
      somethingSettled?.resolve();
      somethingSettled = undefined;
    }
  };

  const settlements = new Array<Settlement<Output>>(items.length);
  const queue = items.entries();
  /** A slot takes the next item once one is settled. This makes far fewer promises per item than a call limiter. */
  const slot = async () => {
    for (const [position, item] of queue) {
      const settlement = await attempt(item);
      settlements[position] = settlement;
      options.onSettled?.(item, settlement);
    }
  };

  const slots = Array.from({ length: Math.min(options.concurrency, items.length) }, slot);
  const ends = await Promise.allSettled(slots);
  cancelDeadline();
  cancelGrace();
  options.signal?.removeEventListener('abort', onOutsideStop);
  // Only a throwing callback gets here: a programming error.
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return settlements;
}

const leftBehind = Symbol('left behind');
