import type { z } from 'zod';
import { sleep } from '../engine/clock.ts';
import { familiesOf, type JobState, type Outcome, progressOf, type Slice } from './job.ts';
import type { cancelledView, JobView } from './job-view.ts';
import { webhookView } from './notice.ts';
import { readOutcomes } from './objects.ts';
import { type Room, workloadOf } from './room.ts';

export type { JobView } from './job-view.ts';

export function viewOf(state: JobState): JobView {
  const { job } = state;
  const { succeeded, failed } = progressOf(state);
  const processed = succeeded + failed;
  const webhook = webhookView(state);
  return {
    jobId: job.id,
    workload: job.workload,
    status: job.status,
    totalItems: job.totalItems,
    processedItems: processed,
    successCount: succeeded,
    errorCount: failed,
    ...(job.status === 'cancelled'
      ? { pendingCount: 0, cancelledCount: job.totalItems - processed }
      : { pendingCount: job.totalItems - processed }),
    progress: job.totalItems === 0 ? 0 : Math.round((1000 * processed) / job.totalItems) / 1000,
    ...(job.planning && job.status === 'running' && { planning: true as const }),
    ...(job.error && { error: job.error }),
    createdAt: new Date(job.createdAt).toISOString(),
    ...(job.paused && { paused: { ...job.paused, since: new Date(job.paused.since).toISOString() } }),
    ...(job.finishedAt !== undefined && { finishedAt: new Date(job.finishedAt).toISOString() }),
    ...(webhook && { webhook }),
  };
}

/** A tenant's own job; undefined for one that does not exist or is another tenant's: the two look the same. */
export async function stateFor(room: Room, tenant: string, jobId: string): Promise<JobState | undefined> {
  const state = await room.ledger.state(jobId);
  return state?.job.tenant === tenant ? state : undefined;
}

/** How often a held request looks at the ledger. */
const lookAgainMs = 400;

/** Holds until the job is further than it was, or has ended, or `until` (epoch milliseconds) has come. */
export async function waitForChange(room: Room, before: JobState, until: number): Promise<JobState> {
  const processedBefore = viewOf(before).processedItems;
  let state = before;
  while (state.job.status === 'running' && viewOf(state).processedItems === processedBefore) {
    if (room.clock.now() + lookAgainMs > until) break;
    await sleep(room.clock, lookAgainMs);
    state = (await room.ledger.state(before.job.id)) ?? state;
  }
  return state;
}

/** An outcome as its tenant sees it. */
export async function present(room: Room, workloadName: string, outcome: Outcome): Promise<object> {
  return (await workloadOf(room, workloadName).present?.(outcome)) ?? outcome;
}

export interface ResultsQuery {
  status?: 'succeeded' | 'failed' | 'cancelled' | undefined;
  /** At most this many results. */
  limit: number;
  /** Only items after this index. */
  after: number;
}

/** Outcomes so far, in the order of the items, and where the next page starts (absent on the last one). */
export async function resultsOf(
  room: Room,
  { job, slices }: JobState,
  { status, limit, after }: ResultsQuery,
): Promise<{ results: object[]; cursor?: number }> {
  const found: (Outcome | Cancelled)[] = [];
  for (const family of familiesOf(slices)) {
    if (found.length > limit) break;
    const first = family[0];
    if (!first || first.from + first.span <= after + 1) continue;
    const known = await readOutcomes(room.blobs, family);
    const outcomes = job.status === 'cancelled' ? withCancelled(known, first) : known;
    found.push(...outcomes.filter((one) => one.index > after && (!status || one.status === status)));
  }
  const page = found.slice(0, limit);
  const results = await Promise.all(
    page.map((one) => (one.status === 'cancelled' ? one : present(room, job.workload, one))),
  );
  const last = page.at(-1);
  return found.length > limit && last ? { results, cursor: last.index } : { results };
}

type Cancelled = z.output<typeof cancelledView>;

function withCancelled(known: readonly Outcome[], { from, span }: Slice): (Outcome | Cancelled)[] {
  const byIndex = new Map(known.map((outcome) => [outcome.index, outcome]));
  return Array.from({ length: span }, (_, offset) => {
    const index = from + offset;
    return byIndex.get(index) ?? { index, status: 'cancelled' };
  });
}
