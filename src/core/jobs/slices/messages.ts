import { causesOf } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { noteTrouble } from './trouble.ts';

/**
 * Sends the messages of a job's slices and tasks. Never throws: the sweeper finds what was not sent, and meanwhile the
 * job's view reports the trouble. Resolves to whether they were sent. `delaySeconds` (0–900) holds them back.
 */
export async function sendMessages(
  jobs: JobsContext,
  { id: jobId, tenant }: Pick<Job, 'id' | 'tenant'>,
  sliceIds: readonly string[],
  delaySeconds = 0,
): Promise<boolean> {
  if (sliceIds.length === 0) return true;
  try {
    await jobs.queue.send(
      sliceIds.map((sliceId) => ({ jobId, sliceId })),
      tenant,
      delaySeconds,
    );
    return true;
  } catch (error) {
    jobs.log.error('messages not sent', { jobId, slices: sliceIds.slice(0, 20), error: causesOf(error) });
    await noteTrouble(jobs, jobId, error);
    return false;
  }
}
