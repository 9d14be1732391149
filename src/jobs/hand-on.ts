import { causesOf, InfrastructureError, postponedIn } from '../engine/errors.ts';
import type { Job } from './job.ts';
import { sendMessages } from './messages.ts';
import { ownTroublePause } from './retry-policy.ts';
import type { Room } from './room.ts';
import type { Lease } from './slice.ts';
import type { After } from './slice-life.ts';
import { noteTrouble } from './trouble.ts';

/**
 * Gives a slice or a task back and has it delivered again. A lease that is lost needs nothing: somebody else has it.
 */
export async function handOn(
  room: Room,
  job: Job,
  lease: Lease,
  after: After,
  delaySeconds: number,
): Promise<void> {
  const released = await room.ledger.release(lease, room.clock.now() + delaySeconds * 1000, after);
  if ('refused' in released) {
    room.log.warn('slice lost to another worker', { ...lease });
    return;
  }
  await sendMessages(room, job, [lease.sliceId], delaySeconds);
}

/**
 * Does something with a slice or a task; where the service's own store, table or queue is out of reach, hands it on and
 * resolves to undefined. That is no failure, and no crash of its worker.
 */
export async function orHandOn<T>(
  room: Room,
  job: Job,
  { lease, waits }: { lease: Lease; waits: number },
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(postponedIn(error) instanceof InfrastructureError)) throw error;
    const delaySeconds = ownTroublePause(waits);
    room.log.warn('slice handed on', { ...lease, delaySeconds, error: causesOf(error) });
    await handOn(room, job, lease, 'waits', delaySeconds);
    await noteTrouble(room, job.id, postponedIn(error));
    return undefined;
  }
}
