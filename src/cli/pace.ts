/** How far a job was at a moment: milliseconds of any clock, and items. */
interface Sample {
  at: number;
  done: number;
}

/** What is looked at, in milliseconds: long enough to even out checkpoints, short enough to notice a change. */
const windowMs = 30_000;

/** Tells from what was done of late how fast a job goes. */
export class Pace {
  #samples: Sample[] = [];

  add(at: number, done: number): void {
    const samples = [...this.#samples, { at, done }];
    // The window's first sample is the last one before anything was done in it: a start takes its time.
    const first = samples.findIndex((sample, n) => {
      const next = samples[n + 1];
      return next === undefined || (next.at > at - windowMs && next.done > sample.done);
    });
    this.#samples = samples.slice(first);
  }

  /** Items a second; undefined while there is nothing to tell it by. */
  perSecond(now: number): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.done <= first.done) return undefined;
    return (1000 * (last.done - first.done)) / (now - first.at);
  }
}
