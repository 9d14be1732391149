import { type Clock, sleep } from '../core/engine/clock.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { localErrors } from './local-errors.ts';

/** Milliseconds between two checks. */
const interval = 20;

/** Waits for a condition. Throws `WAITED_TOO_LONG`, naming `what`, after `seconds`. */
export async function until(
  clock: Clock,
  seconds: number,
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = clock.now() + seconds * 1000;
  while (!(await condition())) {
    if (clock.now() >= deadline)
      throw new SpillwayError(localErrors.WAITED_TOO_LONG, `Waited ${seconds} s for ${what}`);
    await sleep(clock, interval);
  }
}
