import type { Clock } from './clock.ts';
import { ItemError, itemErrors } from './errors.ts';

/**
 * Gives an item `ms` milliseconds. Then its signal aborts and it fails with `ITEM_TIMED_OUT`, retryable, whether it
 * heeds the signal or not. Anything it does after that is ignored.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const timedOut = Promise.withResolvers<never>();
  const cancel = clock.after(ms, () => {
    const error = new ItemError(itemErrors.ITEM_TIMED_OUT, `The item took more than ${ms} ms`);
    timeout.abort(error);
    timedOut.reject(error);
  });
  const worked = work(AbortSignal.any([outer, timeout.signal]));
  worked.catch(() => {});
  try {
    return await Promise.race([worked, timedOut.promise]);
  } finally {
    cancel();
  }
}
