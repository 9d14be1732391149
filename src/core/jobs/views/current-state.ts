import { sleep } from '../../engine/clock.ts';
import { causesOf } from '../../engine/errors.ts';
import type { JobState } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';

/** Milliseconds between a follower's reads of the ledger: short enough to report a change within a second. */
export const pollEveryMs = 900;

/**
 * A job as it is now; undefined if the ledger fails or does not answer by `until` (epoch milliseconds). A follower then
 * tries again.
 */
export async function currentState(
  { ledger, clock, log }: JobsContext,
  jobId: string,
  until: number,
): Promise<JobState | undefined> {
  const late = new AbortController();
  const timer = sleep(clock, until - clock.now(), late.signal).catch(() => {});
  try {
    return (await Promise.race([ledger.state(jobId), timer])) ?? undefined;
  } catch (error) {
    log.warn('job not read', { jobId, error: causesOf(error) });
    return undefined;
  } finally {
    late.abort();
  }
}
