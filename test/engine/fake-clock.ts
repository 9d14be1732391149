import type { Clock } from '../../src/engine/clock.ts';

/** A clock that moves only when told, or by itself from one timer to the next while `run` waits for a promise. */
export class FakeClock implements Clock {
  #now = 0;
  #timers: { at: number; action: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
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
      const next = this.#timers.reduce<{ at: number; action: () => void } | undefined>(
        (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
        undefined,
      );
      if (!next) throw new Error('Nothing is scheduled and the promise has not settled');
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
  }
}
