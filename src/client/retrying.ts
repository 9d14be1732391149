import { sleep, systemClock } from '../core/engine/clock.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { ApiError } from './api-error.ts';

/** Milliseconds between attempts at a request that may succeed a moment later. */
const pauses = [500, 1_000, 2_000, 4_000, 8_000];
/** `Retry-After` is respected up to this many milliseconds. */
const longestPause = 30_000;

/**
 * Tries until one attempt succeeds, one fails for good, or six have failed. An aborted `signal` ends a pause
 * at once. Throws the last attempt's error, or the signal's reason.
 */
export async function retrying<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw error;
      const asked = error instanceof ApiError ? error.retryAfterMs : 0;
      await sleep(systemClock, Math.max(pause, Math.min(asked, longestPause)), signal);
    }
  }
  return attempt();
}

/** fetch throws a `TypeError` when an answer breaks off in the middle. */
const mayPass = (error: unknown) =>
  error instanceof SpillwayError ? error.retryable : error instanceof TypeError;
