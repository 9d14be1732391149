import { SpillwayError } from '../engine/errors.ts';
import type { JobState } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import type { JobsContext } from './model/jobs-context.ts';
import { stopJob, windUp } from './slices/stop.ts';

/**
 * Ends a running job as it is. Queued slices are dropped when their message comes; whoever works on one finds out within
 * a second, aborts what is under way and records what is finished. Cancelling twice is no error.
 * Throws `JOB_ENDED` for a job that has ended by itself.
 */
export async function cancel(jobs: JobsContext, { job: { id } }: JobState): Promise<void> {
  if (await stopJob(jobs, id, 'cancelled')) return;
  const job = await jobs.ledger.job(id);
  // An earlier request may have died half way.
  if (job?.finishing) await windUp(jobs, job);
  else if (job?.status !== 'cancelled')
    throw new SpillwayError(jobErrors.JOB_ENDED, `The job has already ended: it is ${job?.status}`);
}
