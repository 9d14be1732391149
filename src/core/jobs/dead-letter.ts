import { failureOf, SpillwayError } from '../engine/errors.ts';
import { isHeld } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import { forJob } from './model/job-log.ts';
import type { JobsContext } from './model/jobs-context.ts';
import { isNotice } from './model/notice.ts';
import { isSlice, type SliceRef } from './model/slice.ts';
import { giveUpNotice } from './notices/notify.ts';
import { failRest } from './slices/give-up.ts';
import { settleSlice } from './slices/settle.ts';
import { releaseStopped } from './slices/stop.ts';

/**
 * Gives up a slice that the queue could not deliver: its items without an outcome fail, so that their job can end.
 * Throws `SLICE_BUSY` while a worker still holds the slice: the message must come again.
 */
export async function buryDeadLetter(anyJobs: JobsContext, ranOn: string, ref: SliceRef): Promise<void> {
  const jobs = forJob(anyJobs, ref.jobId);
  const { ledger, clock, log } = jobs;
  const job = await ledger.job(ref.jobId);
  if (!job) {
    log.warn('dead letter for a job that does not exist', { ...ref });
    return;
  }
  if (job.status !== 'running' && !isNotice(ref)) {
    log.info('dead letter for a job that has ended', { ...ref });
    return;
  }
  if (isHeld(job, jobs.settings.session)) {
    log.info('dead letter for a job that is held', { ...ref });
    return;
  }
  const now = clock.now();
  const claim = await ledger.claim(ref, { now, leaseUntil: now + jobs.settings.leaseMs });
  switch (claim.kind) {
    case 'task':
      if (claim.task.task === 'notify') return giveUpNotice(jobs, claim);
      // Without `split-source` and `write-output` a job would never end. The sweeper sends another message, and these
      // tasks give up by themselves.
      return releaseStopped(jobs, claim.lease);
    case 'slice': {
      const failure = failureOf(
        jobErrors.NOT_DELIVERED,
        'The queue delivered the item too often without success',
      );
      await failRest(jobs, job, claim, ranOn, failure);
      return;
    }
    case 'closed':
      if (isSlice(claim.work)) await settleSlice(jobs, claim.work);
      return;
    case 'busy':
      throw new SpillwayError(jobErrors.SLICE_BUSY, `A worker holds slice ${ref.sliceId} of ${ref.jobId}`);
    case 'missing':
      log.warn('dead letter for a slice that does not exist', { ...ref });
      return;
  }
}
