import { type Cancelled, withCancelled } from '../model/cancelled.ts';
import type { JobState, Outcome } from '../model/job.ts';
import { type JobsContext, workloadOf } from '../model/jobs-context.ts';
import { familiesOf, roundOf, type Slice } from '../model/slice.ts';
import { readOutcomes } from '../slices/objects.ts';
import { isReviewed } from '../slices/recorder.ts';
import { present } from './view.ts';

export interface ResultsQuery {
  status?: 'succeeded' | 'failed' | 'cancelled' | undefined;
  /** True: only those that need review. */
  review?: boolean | undefined;
  /** At most this many results. */
  limit: number;
  /** Only items after this index. */
  after: number;
}

/** How much an answer may still hold. */
export interface Room {
  /** Takes the room of a value, if there is enough; false if there is not. */
  take(value: object): boolean;
}

/** A run of results, and the index of its last item if more may follow. */
export interface ResultsPage {
  results: object[];
  cursor?: number;
}

/**
 * The outcomes so far, in the order of the items, as many as the query wants and the answer can hold. Reads only
 * objects that can hold what is wanted.
 */
export async function resultsOf(
  jobs: JobsContext,
  { job, slices }: JobState,
  { status, review = false, limit, after }: ResultsQuery,
  room: Room = unbounded,
): Promise<ResultsPage> {
  const page = pageIn(jobs, job.workload, limit, room);
  const { needsReview } = workloadOf(jobs, job.workload).view ?? {};
  for (const family of familiesOf(slices)) {
    const first = family[0];
    if (!first || first.from + first.span <= after + 1) continue;
    if (!mayHold(family, first, status) || (review && reviewsIn(family) === 0)) continue;
    const known = await readOutcomes(jobs.blobs, family);
    const outcomes = job.status === 'cancelled' ? withCancelled(known, first) : known;
    const wanted = outcomes.filter(
      (one) =>
        one.index > after && (!status || one.status === status) && (!review || isReviewed(one, needsReview)),
    );
    if (!(await page.add(wanted))) break;
  }
  return page.done();
}

/** The first of some outcomes, as many as the answer can hold. */
export async function firstOf(
  jobs: JobsContext,
  workload: string,
  outcomes: readonly Outcome[],
  room: Room,
): Promise<ResultsPage> {
  const page = pageIn(jobs, workload, outcomes.length, room);
  await page.add(outcomes);
  return page.done();
}

const unbounded: Room = { take: () => true };

const reviewsIn = (family: readonly Slice[]) => family.reduce((sum, { review = 0 }) => sum + review, 0);

/** Whether a family of slices has outcomes with this status, by its counts. */
function mayHold(family: readonly Slice[], { span }: Slice, status: ResultsQuery['status']): boolean {
  if (status === undefined) return true;
  const round = Math.max(...family.map(({ id }) => roundOf(id)));
  const succeeded = family.reduce((sum, slice) => sum + slice.succeeded, 0);
  const failed = family.reduce((sum, { id, failed }) => sum + (roundOf(id) === round ? failed : 0), 0);
  if (status === 'succeeded') return succeeded > 0;
  return status === 'failed' ? failed > 0 : succeeded + failed < span;
}

/** Fills a page with outcomes. Once one finds no room, no other is added. */
function pageIn(jobs: JobsContext, workload: string, limit: number, room: Room) {
  const results: object[] = [];
  let last: number | undefined;
  let full = false;
  return {
    /** False once the page is full. */
    async add(outcomes: readonly (Outcome | Cancelled)[]): Promise<boolean> {
      // One more than wanted tells whether another page follows.
      const next = outcomes.slice(0, limit - results.length + 1);
      const shown = await Promise.all(next.map((one) => show(jobs, workload, one)));
      for (const [position, one] of next.entries()) {
        const result = shown[position] ?? one;
        full = results.length >= limit;
        if (!full && !room.take(result)) {
          // An outcome that not even an empty answer can hold is told without its output.
          if (results.length > 0) full = true;
          else results.push(withoutOutput(one, result));
        } else if (!full) results.push(result);
        if (full) return false;
        last = one.index;
      }
      return true;
    },
    done: (): ResultsPage => (full && last !== undefined ? { results, cursor: last } : { results }),
  };
}

const show = async (jobs: JobsContext, workload: string, one: Outcome | Cancelled): Promise<object> =>
  one.status === 'cancelled' ? one : present(jobs, workload, one);

/** Characters that remain of a text that is too large for an answer. */
const excerptLength = 1_000;
const excerpt = (text: string) => (text.length > excerptLength ? `${text.slice(0, excerptLength)}…` : text);

/** An outcome without what makes it too large for an answer. */
export function withoutOutput(outcome: Outcome | Cancelled, shown: object): object {
  if (outcome.status === 'cancelled') return outcome;
  const { index, itemId, attempts, durationMs, ranOn, status } = outcome;
  const kept = {
    index,
    ...(itemId !== undefined && { itemId: excerpt(itemId) }),
    ...{ attempts, durationMs, ranOn, status },
    omittedBytes: Buffer.byteLength(JSON.stringify(shown)),
  };
  if (outcome.status === 'succeeded') return kept;
  const { code, message, retryable } = outcome.error;
  return { ...kept, error: { code: excerpt(code), message: excerpt(message), retryable } };
}
