import { sleep, systemClock } from '../core/engine/clock.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { ApiError } from './api-error.ts';

/** Milliseconds between attempts at what may be otherwise a moment later. */
const pauses = [500, 1_000, 2_000, 4_000, 8_000];
/** `Retry-After` is kept to up to here, in milliseconds. */
const longestPause = 30_000;

/**
 * Makes attempts until one succeeds, one fails for good, or there have been six; an aborted `signal` ends a pause at once.
 * Throws what the last attempt threw, or the signal's reason.
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

/** What breaks off in the middle of an answer is a `TypeError` of fetch's. */
const mayPass = (error: unknown) =>
  error instanceof SpillwayError ? error.retryable : error instanceof TypeError;
