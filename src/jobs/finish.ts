import { finalStatus, type Slice } from './job.ts';
import type { Room } from './room.ts';

/**
 * Adds a closed slice to its job, and ends the job if that was its last. Safe to repeat: whoever finds a closed slice
 * calls it again, in case the worker that closed it died before.
 */
export async function settleSlice(room: Room, slice: Slice): Promise<void> {
  const job = await room.ledger.settle(slice);
  if (job.status !== 'running' || job.succeeded + job.failed < job.totalItems) return;
  const now = room.clock.now();
  const status = finalStatus(job);
  if (!(await room.ledger.finish(job.id, status, now))) return;
  room.log.info('job finished', {
    jobId: job.id,
    status,
    items: job.totalItems,
    succeeded: job.succeeded,
    failed: job.failed,
    durationMs: now - job.createdAt,
  });
  room.metrics.count('JobsFinished', 1);
}
