import { finalStatus, type Job, newSlice, type Slice } from './job.ts';
import { tellEnd } from './notify.ts';
import type { Room } from './room.ts';

/**
 * Adds a closed slice to its job, and ends the job if that was its last. Safe to repeat: whoever finds a closed slice
 * calls it again, in case the worker that closed it died before.
 */
export async function settleSlice(room: Room, slice: Slice): Promise<void> {
  if (slice.task === undefined) await endIfDone(room, await room.ledger.settle(slice));
}

/** Ends a job whose items are all settled; one with an output gets that put together first. */
export async function endIfDone(room: Room, job: Job): Promise<void> {
  const open = job.planning || job.succeeded + job.failed < job.totalItems;
  if (job.status !== 'running' || open) return;
  if (job.output === undefined) await endJob(room, job);
  else {
    const task = finishTask(job, room.clock.now());
    await room.ledger.addSlices([task]);
    await room.queue.send([{ jobId: job.id, sliceId: task.id }], job.tenant);
  }
}

/** Ends the job, with its files if it has any. */
export async function endJob(room: Room, job: Job, files?: Job['files']): Promise<void> {
  const now = room.clock.now();
  const status = finalStatus(job);
  if (!(await room.ledger.finish(job.id, status, now, files && { files }))) return;
  room.log.info('job finished', {
    jobId: job.id,
    status,
    items: job.totalItems,
    succeeded: job.succeeded,
    failed: job.failed,
    durationMs: now - job.createdAt,
  });
  room.metrics.count('JobsFinished', 1);
  await tellEnd(room, job);
}

/** The same for whoever finds that it is time; each round has its own. */
function finishTask({ id, rounds = 0 }: Job, now: number): Slice {
  return { ...newSlice({ jobId: id, id: `finish-${rounds}`, from: 0, span: 0 }, now), task: 'finish' };
}
