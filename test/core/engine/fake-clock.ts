import type { Clock } from '../../../src/core/engine/clock.ts';

interface Timer {
  at: number;
  action: () => void;
}

/** A clock that moves only when told, or by itself from one timer to the next while `run` waits for a promise. */
export class FakeClock implements Clock {
  #now: number;
  /** The latest first, so that the next one is taken off the end; of those due together the first set is the next. */
  readonly #timers: Timer[] = [];

  /** @param startsAt epoch milliseconds; as large as today's they leave few digits for fractions */
  constructor(startsAt = 0) {
    this.#now = startsAt;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), action };
    this.#timers.splice(this.#placeOf(timer.at), 0, timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place >= 0) this.#timers.splice(place, 1);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Lets time jump from timer to timer until `promise` settles. Throws when nothing would ever happen again. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const watch = promise.finally(() => {
      settled = true;
    });
    watch.catch(() => {});
    for (;;) {
      // Macrotask: every promise reaction that is due has run after it.
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return promise;
      const next = this.#timers.pop();
      if (!next) throw new Error('Nothing is scheduled and the promise has not settled');
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
  }

  /** Index of the first timer that is due at `at` or before: whatever is set now for `at` comes after those. */
  #placeOf(at: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.at ?? 0) <= at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
