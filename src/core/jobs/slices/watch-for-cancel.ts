import { causesOf, SpillwayError } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { JobsContext } from '../model/jobs-context.ts';

/** How often a worker looks whether its job has been cancelled, in milliseconds. */
const pollEveryMs = 1_000;

/** Aborts when the job is found cancelled; `stop` ends the looking. A ledger out of reach is asked again. */
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
