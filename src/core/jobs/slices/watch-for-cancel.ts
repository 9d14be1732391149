import { causesOf, SpillwayError } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { JobsContext } from '../model/jobs-context.ts';

/** Milliseconds between a worker's checks whether its job was cancelled. */
const pollEveryMs = 1_000;

/** Aborts when it finds the job cancelled; `stop` ends the watch. Keeps asking while the ledger is out of reach. */
export function watchForCancel(
  { ledger, clock, log }: JobsContext,
  { id, rounds = 0 }: Job,
): { signal: AbortSignal; stop(): void } {
  const cancelled = new AbortController();
  let cancelTimer = () => {};
  let stopped = false;
  const look = async () => {
    try {
      if (await ledger.isStopped(id, rounds))
        return cancelled.abort(new SpillwayError(jobErrors.JOB_CANCELLED, 'The job was cancelled'));
    } catch (error) {
      log.warn('job not read', { jobId: id, error: causesOf(error) });
    }
    if (!stopped) next();
  };
  const next = () => {
    cancelTimer = clock.after(pollEveryMs, look);
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
