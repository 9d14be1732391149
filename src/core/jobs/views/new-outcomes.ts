import type { JobState, Outcome } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { familiesOf, roundOf, type Slice } from '../model/slice.ts';
import { readParts } from '../slices/objects.ts';

/** Yields each outcome of a job to a follower only once. */
export class NewOutcomes {
  readonly #jobs: JobsContext;
  readonly #told = new Set<number>();
  /** Parts that have been read. */
  readonly #read = new Set<string>();

  constructor(jobs: JobsContext) {
    this.#jobs = jobs;
  }

  /** The outcomes that were not yielded before. */
  *among(outcomes: readonly Outcome[]): Generator<Outcome> {
    for (const outcome of outcomes) {
      if (this.#told.has(outcome.index)) continue;
      this.#told.add(outcome.index);
      yield outcome;
    }
  }

  /** The outcomes of all workers that were not yielded before. Reads only parts added since the last call. */
  async *in({ slices }: JobState): AsyncGenerator<Outcome> {
    for (const family of familiesOf(slices)) {
      const round = Math.max(...family.map(({ id }) => roundOf(id)));
      /** Items that failed in an earlier round run again. */
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

  /** The number of a family's items whose outcome was yielded. */
  #toldOf([root]: readonly Slice[]): number {
    if (!root) return 0;
    let told = 0;
    for (let index = root.from; index < root.from + root.span; index += 1) {
      if (this.#told.has(index)) told += 1;
    }
    return told;
  }
}
