import { SpillwayError } from '../engine/errors.ts';
import type { JobState } from './job.ts';
import { tellEnd } from './notify.ts';
import type { Room } from './room.ts';

/**
 * Ends a running job as it is. Queued slices are dropped when their message comes; whoever works on one finds out within
 * a second, aborts what is under way and records what is finished. Cancelling twice is no error.
 * Throws `JOB_ENDED` for a job that has ended by itself.
 */
export async function cancel(room: Room, { job }: JobState): Promise<void> {
  const { ledger, clock } = room;
  if (job.status === 'cancelled' || (await ledger.finish(job.id, 'cancelled', clock.now()))) {
    await ledger.stop(job.id, clock.now());
    room.log.info('job cancelled', { jobId: job.id });
    await tellEnd(room, job);
    return;
  }
  const { status } = (await room.ledger.job(job.id)) ?? job;
  if (status !== 'cancelled') throw new SpillwayError('JOB_ENDED', `The job has ended: it is ${status}`);
}

/** How often a worker looks whether its job has been cancelled, in milliseconds. */
const lookEveryMs = 1_000;

/** Aborts when the job is found cancelled; `stop` ends the looking. A ledger out of reach is asked again. */
export function watchForCancel(
  { ledger, clock, log }: Room,
  jobId: string,
): { signal: AbortSignal; stop(): void } {
  const cancelled = new AbortController();
  let cancelTimer = () => {};
  let stopped = false;
  const look = async () => {
    try {
      if (await ledger.isStopped(jobId))
        return cancelled.abort(new SpillwayError('JOB_CANCELLED', 'The job was cancelled'));
    } catch (error) {
      log.warn('job not seen', { jobId, error: String(error) });
    }
    if (!stopped) next();
  };
  const next = () => {
    cancelTimer = clock.after(lookEveryMs, look);
  };
  next();
  return {
    signal: cancelled.signal,
    stop() {
      stopped = true;
      cancelTimer();
    },
  };
}
