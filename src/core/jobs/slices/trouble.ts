import { causesOf, toFailure } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';

/** Records what holds up a running job, and since when, for its view. Never throws. */
export async function noteTrouble(
  { ledger, clock, log }: JobsContext,
  jobId: string,
  error: unknown,
): Promise<void> {
  const { code, message } = toFailure(error);
  await ledger.noteTrouble(jobId, { code, message, since: clock.now() }).catch((failure) => {
    log.warn('trouble not recorded', { jobId, error: causesOf(failure) });
  });
}

/** Clears what {@link noteTrouble} recorded, if anything. Never throws. */
export async function clearTrouble({ ledger, log }: JobsContext, job: Job): Promise<void> {
  if (!job.lastError) return;
  log.info('job continues', { jobId: job.id, lastError: job.lastError });
  await ledger.noteTrouble(job.id, undefined).catch((failure) => {
    log.warn('trouble not cleared', { jobId: job.id, error: causesOf(failure) });
  });
}
