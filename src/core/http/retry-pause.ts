import { ExponentialBackoff, fullJitterGenerator } from 'cockatiel';
import { type Clock, sleep } from '../engine/clock.ts';
import { Postponed } from '../engine/errors.ts';
import { httpErrors } from './http-errors.ts';
import type { Call } from './request.ts';

/** Pauses before a retry, and after a refusal that does not say how long to wait. Milliseconds. */
export const backOff = { initialDelay: 500, maxDelay: 20_000, generator: fullJitterGenerator };

/** The pauses of one call: `duration` is the next, in milliseconds; `next` leads to those that follow. */
export const pausesOf = () => new ExponentialBackoff(backOff).next();

/** Waits before the next attempt at an upstream, or leaves it to a later invocation. */
export async function pauseFor(
  clock: Clock,
  upstream: string,
  ms: number,
  { signal, stopAt }: Call,
): Promise<void> {
  const until = clock.now() + ms;
  if (until > stopAt) throw tooLate(upstream, until);
  await sleep(clock, ms, signal);
}

/** The next attempt at an upstream comes at `until` (epoch milliseconds), which is after the end of the budget. */
export function tooLate(upstream: string, until: number): Postponed {
  const message = `The next attempt at ${upstream} comes after the end of the budget`;
  return new Postponed(httpErrors.RETRY_TOO_LATE, message, upstream, until);
}
