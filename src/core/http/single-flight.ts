import { Postponed } from '../engine/errors.ts';
import type { Budgeted } from './coalesce.ts';

interface Flight<T> {
  stopAt: number;
  result: Promise<T>;
  waiting: number;
  abandon(): void;
}

/**
 * Joins callers that ask for the same thing at the same time into one run. Its signal aborts when nobody is
 * waiting. It uses the first caller's budget; a caller with a longer budget starts again if that was too
 * short. Each caller stops waiting with the reason of its own signal.
 */
export function createSingleFlight<T>(
  run: (budget: Budgeted) => Promise<T>,
): (budget: Budgeted) => Promise<T> {
  let flight: Flight<T> | undefined;

  const begin = (stopAt: number): Flight<T> => {
    const abandoned = new AbortController();
    const result = run({ signal: abandoned.signal, stopAt });
    const begun: Flight<T> = {
      stopAt,
      result,
      waiting: 0,
      abandon: () => {
        if (flight === begun) flight = undefined;
        abandoned.abort(new Error('Nobody waits for the answer any more'));
      },
    };
    const land = () => {
      if (flight === begun) flight = undefined;
    };
    result.then(land, land);
    return begun;
  };

  const join = async (joined: Flight<T>, signal: AbortSignal): Promise<T> => {
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => {
      joined.waiting -= 1;
      if (joined.waiting === 0) joined.abandon();
      aborted.reject(signal.reason);
    };
    joined.waiting += 1;
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([joined.result, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };

  return async ({ signal, stopAt }) => {
    for (;;) {
      signal.throwIfAborted();
      flight ??= begin(stopAt);
      const joined = flight;
      try {
        return await join(joined, signal);
      } catch (error) {
        if (!(error instanceof Postponed && joined.stopAt < stopAt)) throw error;
      }
    }
  };
}
