import { SpillwayError } from '../engine/errors.ts';
import type { JobState } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import type { JobsContext } from './model/jobs-context.ts';
import { stopJob, windUp } from './slices/stop.ts';

/**
 * Cancels a running job. Messages of its queued slices are ignored from now on; a worker that runs a slice notices
 * within a second, aborts the running items and records the finished ones. Cancelling twice is no error.
 * Throws `JOB_ENDED` for a job that has ended by itself.
 */
export async function cancel(jobs: JobsContext, { job: { id } }: JobState): Promise<void> {
  if (await stopJob(jobs, id, 'cancelled')) return;
  const job = await jobs.ledger.job(id);
  // An earlier request may have died halfway.
  if (job?.finishing) await windUp(jobs, job);
  else if (job?.status !== 'cancelled')
    throw new SpillwayError(jobErrors.JOB_ENDED, `The job has already ended: it is ${job?.status}`);
}
