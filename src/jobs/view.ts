import { sleep } from '../engine/clock.ts';
import type { Failure } from '../engine/errors.ts';
import { type Cancelled, withCancelled } from './cancelled.ts';
import { familiesOf, type JobState, type JobStatus, type Outcome, progressOf } from './job.ts';
import { readOutcomes } from './objects.ts';
import { type Room, workloadOf } from './room.ts';

/** A job as its tenant sees it. Counts come from the ledger; times are ISO 8601. */
export interface JobView {
  jobId: string;
  workload: string;
  status: JobStatus;
  totalItems: number;
  processedItems: number;
  successCount: number;
  errorCount: number;
  pendingCount: number;
  /** Items that had no outcome when the job was cancelled. */
  cancelledCount?: number;
  /** Share of the items that are settled, 0–1; of those known so far, while a file is being read. */
  progress: number;
  /** The file is still being read: `totalItems` grows. */
  planning?: true;
  /** Why the job was stopped, or failed as a whole. */
  error?: Failure;
  /** The job was stopped, and is wound up: its files are being put together. */
  finishing?: true;
  /** Slices that may be at work at a time, where that was set. */
  maxWorkers?: number;
  createdAt: string;
  finishedAt?: string;
  /** The job waits for an upstream that is down; it goes on by itself. */
  paused?: { upstream: string; since: string };
}

export function viewOf(state: JobState): JobView {
  const { job } = state;
  const { succeeded, failed } = progressOf(state);
  const processed = succeeded + failed;
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
    ...(job.finishing && { finishing: true as const }),
    ...(job.maxWorkers !== undefined && { maxWorkers: job.maxWorkers }),
    createdAt: new Date(job.createdAt).toISOString(),
    ...(job.paused && { paused: { ...job.paused, since: new Date(job.paused.since).toISOString() } }),
    ...(job.finishedAt !== undefined && { finishedAt: new Date(job.finishedAt).toISOString() }),
  };
}

/** A tenant's own job; undefined for one that does not exist or is another tenant's: the two look the same. */
export async function stateFor(room: Room, tenant: string, jobId: string): Promise<JobState | undefined> {
  const state = await room.ledger.state(jobId);
  return state?.job.tenant === tenant ? state : undefined;
}

/** How often a held request looks at the ledger. */
const lookAgainMs = 400;

/** Whether anything will still change about the job by itself. */
const isOpen = ({ job }: JobState) => job.status === 'running' || job.finishing === true;

/** Holds until the job is further than it was, or has ended, or `until` (epoch milliseconds) has come. */
export async function waitForChange(room: Room, before: JobState, until: number): Promise<JobState> {
  const { status, processedItems } = viewOf(before);
  let state = before;
  while (isOpen(state) && state.job.status === status && viewOf(state).processedItems === processedItems) {
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
