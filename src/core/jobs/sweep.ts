import { causesOf } from '../engine/errors.ts';
import { finishTaskId, isHeld, type Job, type JobState, madeAt } from './model/job.ts';
import { forJob } from './model/job-log.ts';
import type { JobsContext } from './model/jobs-context.ts';
import { resendAfterLeases, stillbornAfterMs } from './model/retry-policy.ts';
import type { Task } from './model/slice.ts';
import { isClosed, type Slice } from './model/slice.ts';
import { openNotices } from './notices/notify.ts';
import { startable } from './slices/lanes.ts';
import { sendMessages } from './slices/messages.ts';
import { settleSlice } from './slices/settle.ts';
import { windUp } from './slices/stop.ts';

/**
 * Restarts what has stalled: slices whose worker vanished, messages that were never sent, jobs whose last worker died
 * before it could end them, unsent notices. Stops at `stopAt` (epoch milliseconds); the next sweep continues.
 */
export async function sweep(jobs: JobsContext, stopAt: number): Promise<{ jobs: number; restarted: number }> {
  let swept = 0;
  let restarted = 0;
  const messages = countOnce(jobs);
  for await (const jobId of jobs.ledger.unfinished()) {
    if (jobs.clock.now() >= stopAt) break;
    swept += 1;
    try {
      restarted += await sweepJob(forJob(jobs, jobId), jobId, messages);
    } catch (error) {
      jobs.log.error('job not swept', { jobId, error: causesOf(error) });
    }
  }
  jobs.metrics.count('SlicesRestarted', restarted);
  return { jobs: swept, restarted };
}

/** The number of messages waiting in the queue, counted on first use and once for all jobs of a sweep. */
function countOnce({ queue, log }: JobsContext): () => Promise<number> {
  let counted: Promise<number> | undefined;
  return () => {
    counted ??= queue.waiting().catch((error) => {
      log.warn('queue not counted', { error: causesOf(error) });
      return Number.NaN;
    });
    return counted;
  };
}

async function sweepJob(jobs: JobsContext, jobId: string, messages: () => Promise<number>): Promise<number> {
  const { ledger, clock, log } = jobs;
  const state = await ledger.state(jobId);
  if (!state) {
    if (clock.now() - madeAt(jobId) > stillbornAfterMs) await ledger.forget(jobId);
    return 0;
  }
  const { job, slices, tasks } = state;
  const { session } = jobs.settings;
  if (isHeld(job, session)) return 0;
  if (session !== undefined && job.owner) await ledger.attend(jobId, session, clock.now());
  const due = new Set(startable(slices, job.maxWorkers));
  let awaited: (Slice | Task)[] = [
    ...slices.filter((slice) => due.has(slice) || slice.status === 'running'),
    ...tasks,
  ];
  if (job.finishing) {
    // The only work left for a stopped job.
    awaited = tasks.filter(({ id }) => id === finishTaskId(job));
    if (awaited.length === 0) await windUp(jobs, job);
  } else if (job.status !== 'running') {
    awaited = await openNotices(jobs, state);
    if (awaited.length === 0) await ledger.forget(jobId);
  } else await settleClosed(jobs, state);
  const stalled: (Slice | Task)[] = [];
  for (const slice of awaited) if (await hasStalled(jobs, job, slice, messages)) stalled.push(slice);
  if (stalled.length === 0) return 0;
  const ids = stalled.map(({ id }) => id);
  log.warn('slices restarted', { jobId, slices: ids });
  if (!(await sendMessages(jobs, job, ids))) return 0;
  // Only after sending: each resend doubles the wait for the next, and an unreachable queue must not lengthen it.
  for (const { status, id } of stalled) if (status === 'queued') await ledger.resend({ jobId, sliceId: id });
  return stalled.length;
}

/** Completes the work of workers that died between closing a slice and counting it, or before ending the job. */
async function settleClosed(jobs: JobsContext, { job, slices, settled }: JobState): Promise<void> {
  const closed = slices.filter(isClosed);
  const uncounted = closed.filter(({ id }) => !settled.has(id));
  for (const slice of uncounted) await settleSlice(jobs, slice);
  const last = closed.at(-1);
  const allDone = job.succeeded + job.failed === job.totalItems;
  if (last && uncounted.length === 0 && allDone) await settleSlice(jobs, last);
}

/** Whether a slice needs a new message. Requeues a slice whose worker has vanished. */
async function hasStalled(
  { ledger, clock, settings }: JobsContext,
  job: Job,
  slice: Slice | Task,
  messages: () => Promise<number>,
): Promise<boolean> {
  const ref = { jobId: slice.jobId, sliceId: slice.id };
  const now = clock.now();
  if (slice.status === 'running') return slice.leaseUntil < now && 'to' in (await ledger.expire(ref, now));
  const waitedMs = now - Math.max(slice.queuedAt, job.resumedAt ?? 0);
  const isAfter = (leases: number) => waitedMs >= leases * settings.leaseMs * 2 ** slice.resends;
  if (slice.status !== 'queued' || !isAfter(resendAfterLeases.emptyQueue)) return false;
  return isAfter(resendAfterLeases.otherwise) || (await messages()) === 0;
}
