import type { RealTime } from '../../src/stand-ins/physics/time.ts';
import { FakeClock } from '../core/engine/fake-clock.ts';

/** A clock that may also be moved on by hand. */
export class MovableClock extends FakeClock {
  /** Goes on by `ms`. Timers that are due on the way are left for `run`. */
  advance(ms: number): void {
    this.#offset += ms;
  }

  #offset = 0;

  override now(): number {
    return super.now() + this.#offset;
  }
}

/** Real time that moves only when told. */
export function fakeTime() {
  const clock = new MovableClock();
  const real: RealTime = {
    nanoseconds: () => BigInt(Math.round(clock.now() * 1e6)),
    epochMs: () => 1_750_000_000_000 + clock.now(),
    after: (ms, action) => clock.after(ms, action),
  };
  return { clock, real };
}
