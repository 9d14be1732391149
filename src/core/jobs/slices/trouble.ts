import { causesOf, toFailure } from '../../engine/errors.ts';
import type { Wait } from '../../engine/waiting.ts';
import type { Trouble } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';

/** Characters of a message in a job's record, which must stay small. */
const longestMessage = 500;

/** Records an error that holds up a running job, for its view. Never throws. */
export async function noteTrouble(
  jobs: JobsContext,
  jobId: string,
  error: unknown,
  { since = jobs.clock.now(), count = 1 }: Partial<Pick<Trouble, 'since' | 'count'>> = {},
): Promise<void> {
  const { code, message } = toFailure(error);
  const trouble = { code, message: message.slice(0, longestMessage), since, count };
  await jobs.ledger.noteTrouble(jobId, trouble).catch((failure) => {
    jobs.log.warn('trouble not recorded', { jobId, error: causesOf(failure) });
  });
}

/** Records what a running job waits for, for its view. Never throws. */
export async function noteWait({ ledger, log }: JobsContext, jobId: string, wait: Wait): Promise<void> {
  await ledger.waitFor(jobId, wait).catch((failure) => {
    log.warn('wait not recorded', { jobId, error: causesOf(failure) });
  });
}

/** Records that the job goes on. Never throws. */
export async function clearTrouble({ ledger, log }: JobsContext, jobId: string): Promise<void> {
  log.info('job continues', { jobId });
  await Promise.all([ledger.waitFor(jobId, undefined), ledger.noteTrouble(jobId, undefined)]).catch(
    (failure) => log.warn('trouble not cleared', { jobId, error: causesOf(failure) }),
  );
}
