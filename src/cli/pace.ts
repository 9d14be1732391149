/** A job's progress at a moment: milliseconds of any clock, and items. */
interface Sample {
  at: number;
  done: number;
}

/**
 * The window of the measurement, in milliseconds: long enough to even out checkpoints, short enough to notice
 * a change.
 */
const windowMs = 30_000;

/** Measures a job's speed from its recent progress. */
export class Pace {
  #samples: Sample[] = [];

  add(at: number, done: number): void {
    const samples = [...this.#samples, { at, done }];
    // The window starts at the last sample before its first progress, because a start takes time.
    const first = samples.findIndex((sample, n) => {
      const next = samples[n + 1];
      return next === undefined || (next.at > at - windowMs && next.done > sample.done);
    });
    this.#samples = samples.slice(first);
  }

  /** Items per second; undefined until there is something to measure. */
  perSecond(now: number): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.done <= first.done) return undefined;
    return (1000 * (last.done - first.done)) / (now - first.at);
  }
}
