import { SpillwayError } from '../engine/errors.ts';
import type { JobState } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import type { JobsContext } from './model/jobs-context.ts';

/**
 * Holds a running job: its workers release their slices within a second, and none starts until the job is resumed.
 * Holding twice is no error. Throws `JOB_ENDED`.
 */
export async function hold({ ledger, clock, log }: JobsContext, { job }: JobState): Promise<void> {
  const { id, rounds = 0 } = job;
  if (!(await ledger.hold(id, clock.now()))) {
    const { status } = (await ledger.job(id)) ?? job;
    throw new SpillwayError(jobErrors.JOB_ENDED, `The job has already ended: it is ${status}`);
  }
  // In this order: a worker that claims a slice after the stop sees it, and messages that come later are dropped.
  await ledger.stop(id, rounds, clock.now());
  log.info('job held', { jobId: id });
}
