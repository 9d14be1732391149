import type { Clock } from '../../../src/core/engine/clock.ts';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { createRateLimit, type LimitDeps } from '../../../src/core/limits/rate.ts';
import type { RateDefinition } from '../../../src/core/limits/rule.ts';
import type { LimitStore } from '../../../src/core/limits/store.ts';
import type { FakeClock } from '../engine/fake-clock.ts';

/** A token bucket as an upstream keeps it: starts full, refuses what finds it empty. */
export function strictBucket(ratePerMs: number, burst: number, clock: Clock) {
  let tokens = burst;
  let at = clock.now();
  const counts = { admitted: 0, refused: 0 };
  return {
    counts,
    take(cost = 1): boolean {
      tokens = Math.min(burst, tokens + (clock.now() - at) * ratePerMs);
      at = clock.now();
      const admitted = tokens >= cost - 1e-9;
      if (admitted) tokens -= cost;
      counts[admitted ? 'admitted' : 'refused'] += 1;
      return admitted;
    },
  };
}

/** A process's own clock: while it is frozen, none of its timers fires; they are made up for when it thaws. */
export function processClock(clock: FakeClock) {
  let thaw: PromiseWithResolvers<void> | undefined;
  const own: Clock = {
    now: () => clock.now(),
    after: (ms, action) => {
      let cancelled = false;
      const cancel = clock.after(ms, async () => {
        while (thaw) await thaw.promise;
        if (!cancelled) action();
      });
      return () => {
        cancelled = true;
        cancel();
      };
    },
  };
  return {
    clock: own,
    freeze: () => {
      thaw ??= Promise.withResolvers<void>();
    },
    thaw: () => {
      thaw?.resolve();
      thaw = undefined;
    },
    /** What a frozen process receives, it sees when it thaws. */
    gate: async () => {
      while (thaw) await thaw.promise;
    },
  };
}

export interface WorkerOptions {
  clock: FakeClock;
  store: LimitStore;
  rate: RateDefinition;
  /** Calls at the same time. */
  slots: number;
  /** Until when it calls, in milliseconds of the clock. */
  until: number;
  /** Between the call's turn and its arrival. */
  networkMs(): number;
  /** From arrival to answer. */
  answerMs(): number;
  arrive(): void;
  workers?: number;
  onUnreachable?: LimitDeps['onUnreachable'];
  deps?: Partial<LimitDeps>;
}

/** A worker process that makes calls all the time, as many at once as it has slots. */
export function startWorker(options: WorkerOptions) {
  const { clock, rate, store } = options;
  const process = processClock(clock);
  const gated = new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const result = await method(...args);
        await process.gate();
        return result;
      };
    },
  });
  const limit = createRateLimit('search', rate, {
    store: gated,
    clock: process.clock,
    workers: options.workers ?? 8,
    onUnreachable: options.onUnreachable ?? (() => {}),
  });
  const stop = new AbortController();
  const killed = Promise.withResolvers<void>();
  let calls = 0;
  const slot = async () => {
    while (!stop.signal.aborted && clock.now() < options.until) {
      try {
        await limit.turn({ signal: stop.signal, stopAt: options.until });
      } catch (error) {
        if (error instanceof Postponed || stop.signal.aborted) return;
        throw error;
      }
      calls += 1;
      await clock.sleep(options.networkMs());
      options.arrive();
      await clock.sleep(options.answerMs());
      await process.gate();
    }
  };
  const done = Promise.race([killed.promise, Promise.all(Array.from({ length: options.slots }, slot))]);
  return {
    done,
    limit,
    get calls() {
      return calls;
    },
    freeze: process.freeze,
    thaw: process.thaw,
    kill: () => {
      process.freeze();
      stop.abort(new Error('killed'));
      killed.resolve();
    },
  };
}
