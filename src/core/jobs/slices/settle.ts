import { causesOf } from '../../engine/errors.ts';
import { finalStatus, finishTaskId, type Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { newTask, type Slice } from '../model/slice.ts';
import { tellEnd } from '../notices/notify.ts';
import { sendNext } from './lanes.ts';
import { sendMessages } from './messages.ts';

/**
 * Adds a closed slice's counts to its job, and ends the job if that slice was its last. Safe to repeat: any worker that
 * finds a closed slice calls it again, in case the worker that closed the slice died first.
 */
export async function settleSlice(jobs: JobsContext, slice: Slice): Promise<void> {
  const { job, first } = await jobs.ledger.settle(slice);
  // Only once: a repeated message must not start more slices than the job's maximum.
  if (first) {
    await sendNext(jobs, job, slice).catch((error) =>
      jobs.log.error('next slice not queued', { jobId: job.id, sliceId: slice.id, error: causesOf(error) }),
    );
  }
  await markProgress(jobs, job);
  await endIfDone(jobs, job);
}

/** Milliseconds between samples of a job's progress. The job's rate is measured from the last sample but one. */
const markEveryMs = 15_000;

async function markProgress({ ledger, clock, log }: JobsContext, job: Job): Promise<void> {
  const last = job.marks?.at(-1) ?? { at: job.createdAt, done: 0 };
  if (clock.now() - last.at < markEveryMs) return;
  const marks = [last, { at: clock.now(), done: job.succeeded + job.failed }];
  await ledger.mark(job.id, marks).catch((error) => {
    log.warn('progress not recorded', { jobId: job.id, error: causesOf(error) });
  });
}

/** Ends a job whose items are all settled. If it has files, starts the task that writes them first. */
export async function endIfDone(jobs: JobsContext, job: Job): Promise<void> {
  const open = job.planning || job.succeeded + job.failed < job.totalItems;
  if (job.status !== 'running' || open) return;
  const summed = jobs.workloads.get(job.workload)?.summary !== undefined;
  if (job.output !== undefined || summed) await addFinishTask(jobs, job);
  else await endJob(jobs, job);
}

/** Starts the task that writes the job's files. Each round has one, with a fixed id, so callers may repeat this. */
export async function addFinishTask(jobs: JobsContext, job: Job): Promise<void> {
  const id = finishTaskId(job);
  await jobs.ledger.add([newTask({ jobId: job.id, id, task: 'write-output' }, jobs.clock.now())]);
  await sendMessages(jobs, job, [id]);
}

/** Ends the job, with its files if it has any. True for exactly one caller. */
export async function endJob(jobs: JobsContext, job: Job, files?: Job['files']): Promise<boolean> {
  const now = jobs.clock.now();
  const status = finalStatus(job);
  if (!(await jobs.ledger.finish(job.id, { status, finishedAt: now, ...(files && { files }) }))) return false;
  jobs.log.info('job finished', {
    jobId: job.id,
    status,
    items: job.totalItems,
    succeeded: job.succeeded,
    failed: job.failed,
    durationMs: now - job.createdAt,
  });
  jobs.metrics.count('JobsFinished', 1);
  await tellEnd(jobs, job);
  return true;
}
