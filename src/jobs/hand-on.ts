import { causesOf, InfrastructureError, postponedIn } from '../engine/errors.ts';
import type { Job } from './job.ts';
import { sendMessages } from './messages.ts';
import type { Room } from './room.ts';
import type { Lease } from './slice.ts';
import { noteTrouble } from './trouble.ts';

/**
 * Gives a slice or a task back and has it delivered again. `after` says what it counts as: `hops` for a budget that was
 * over, `waits` for what had to be waited for. A lease that is lost needs nothing: somebody else has it.
 */
export async function handOn(
  room: Room,
  job: Job,
  lease: Lease,
  after: 'hops' | 'waits',
  delaySeconds: number,
): Promise<void> {
  const released = await room.ledger.release(lease, room.clock.now() + delaySeconds * 1000, after);
  if ('refused' in released) {
    room.log.warn('slice lost to another worker', { ...lease });
    return;
  }
  await sendMessages(room, job, [lease.sliceId], delaySeconds);
}

/** While something is out of reach, it is looked at again after a second, then ever later, up to this. Seconds. */
const longestPause = 300;

/** Seconds to wait for the service's own store, table or queue, by how often the slice has waited. */
export function pauseAfter(waits: number): number {
  return Math.min(longestPause, 2 ** waits);
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
    const delaySeconds = pauseAfter(waits);
    room.log.warn('slice handed on', { ...lease, delaySeconds, error: causesOf(error) });
    await handOn(room, job, lease, 'waits', delaySeconds);
    await noteTrouble(room, job.id, postponedIn(error));
    return undefined;
  }
}
