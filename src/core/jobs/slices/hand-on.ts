import { causesOf, InfrastructureError, postponedIn } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { ownTroublePause } from '../model/retry-policy.ts';
import type { Lease } from '../model/slice.ts';
import type { After } from '../model/slice-life.ts';
import { sendMessages } from './messages.ts';
import { noteTrouble } from './trouble.ts';

/**
 * Releases a slice or a task and sends it a new message. Does nothing if the lease is lost: another worker has it.
 */
export async function handOn(
  jobs: JobsContext,
  job: Job,
  lease: Lease,
  after: After,
  delaySeconds: number,
): Promise<void> {
  const released = await jobs.ledger.release(lease, jobs.clock.now() + delaySeconds * 1000, after);
  if ('refused' in released) {
    jobs.log.warn('slice lost to another worker', { ...lease });
    return;
  }
  await sendMessages(jobs, job, [lease.sliceId], delaySeconds);
}

/**
 * Runs an action on a slice or a task. If the service's own store, table or queue is out of reach, hands it on and
 * resolves to undefined; that counts neither as a failure nor as a crash of the worker.
 */
export async function orHandOn<T>(
  jobs: JobsContext,
  job: Job,
  { lease, waits }: { lease: Lease; waits: number },
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(postponedIn(error) instanceof InfrastructureError)) throw error;
    const delaySeconds = ownTroublePause(waits);
    jobs.log.warn('slice handed on', { ...lease, delaySeconds, error: causesOf(error) });
    await handOn(jobs, job, lease, 'waits', delaySeconds);
    await noteTrouble(jobs, job.id, postponedIn(error));
    return undefined;
  }
}
