import { causesOf } from '../engine/errors.ts';
import type { Job } from './job.ts';
import type { Room } from './room.ts';
import { noteTrouble } from './trouble.ts';

/**
 * Sends the messages of a job's slices and tasks. Never throws: what could not be sent is found by the sweeper, and
 * meanwhile the job's view says so. Resolves to whether they were sent. `delaySeconds` (0–900) holds them back.
 */
export async function sendMessages(
  room: Room,
  { id: jobId, tenant }: Pick<Job, 'id' | 'tenant'>,
  sliceIds: readonly string[],
  delaySeconds = 0,
): Promise<boolean> {
  if (sliceIds.length === 0) return true;
  try {
    await room.queue.send(
      sliceIds.map((sliceId) => ({ jobId, sliceId })),
      tenant,
      delaySeconds,
    );
    return true;
  } catch (error) {
    room.log.error('messages not sent', { jobId, slices: sliceIds.slice(0, 20), error: causesOf(error) });
    await noteTrouble(room, jobId, error);
    return false;
  }
}
