import type { JobState, Outcome } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { familiesOf, roundOf, type Slice } from '../model/slice.ts';
import { readParts } from '../slices/objects.ts';

/** Keeps track of which of a job's outcomes somebody was told of, so that each is told once. */
export class NewOutcomes {
  readonly #jobs: JobsContext;
  readonly #told = new Set<number>();
  /** Parts that hold nothing new any more. */
  readonly #read = new Set<string>();

  constructor(jobs: JobsContext) {
    this.#jobs = jobs;
  }

  /** Those that were not told before; from now on they were. */
  *among(outcomes: readonly Outcome[]): Generator<Outcome> {
    for (const outcome of outcomes) {
      if (this.#told.has(outcome.index)) continue;
      this.#told.add(outcome.index);
      yield outcome;
    }
  }

  /** All that any worker has recorded and that was not told before. Reads only what has been added since the last time. */
  async *in({ slices }: JobState): AsyncGenerator<Outcome> {
    for (const family of familiesOf(slices)) {
      const round = Math.max(...family.map(({ id }) => roundOf(id)));
      /** What failed in an earlier round is being run again. */
      const counts = (sliceId: string, failed: boolean) => !failed || roundOf(sliceId) === round;
      const known = family.reduce(
        (sum, { id, succeeded, failed }) => sum + succeeded + (counts(id, true) ? failed : 0),
        0,
      );
      if (this.#toldOf(family) >= known) continue;
      for (const slice of family) {
        const parts = slice.parts.filter((part) => !this.#read.has(`${slice.id}/${part}`));
        if (parts.length === 0) continue;
        const read = await readParts(this.#jobs.blobs, [{ ...slice, parts }]);
        for (const part of parts) this.#read.add(`${slice.id}/${part}`);
        const all = read.flatMap(({ outcomes }) => outcomes);
        yield* this.among(all.filter(({ status }) => counts(slice.id, status === 'failed')));
      }
    }
  }

  /** How many of a family's items were told. */
  #toldOf([root]: readonly Slice[]): number {
    if (!root) return 0;
    let told = 0;
    for (let index = root.from; index < root.from + root.span; index += 1) {
      if (this.#told.has(index)) told += 1;
    }
    return told;
  }
}
