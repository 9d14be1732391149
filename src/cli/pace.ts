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
/** After this many milliseconds without progress, and twice the longest pause so far, nothing goes on any more. */
const stillAfterMs = 5_000;

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

  /** How long it took from one progress to the next, and since when there has been none. */
  #pauses(now: number): { pauses: number[]; since: number } {
    const pauses: number[] = [];
    let [last] = this.#samples;
    for (const sample of this.#samples) {
      if (!last || sample.done <= last.done) continue;
      pauses.push(sample.at - last.at);
      last = sample;
    }
    return { pauses, since: last?.at ?? now };
  }

  /** Items per second; 0 when nothing goes on any more; undefined until there is something to measure. */
  perSecond(now: number): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.done <= first.done) return undefined;
    const { pauses, since } = this.#pauses(now);
    if (now - since > Math.max(stillAfterMs, ...pauses.map((ms) => 2 * ms))) return 0;
    return (1000 * (last.done - first.done)) / (now - first.at);
  }
}
