import { causesOf, type Failure } from '../../engine/errors.ts';
import type { Job, JobStatus } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import type { Lease } from '../model/slice.ts';
import { underLease } from './hold-lease.ts';
import { addFinishTask } from './settle.ts';
import { watchForCancel } from './watch-for-cancel.ts';

/**
 * Stops a running job. Finished items keep their outcomes; its workers notice within a second. Its files are written
 * after all workers have released their slices; until then it is `finishing`. False if it has already ended.
 */
export async function stopJob(
  jobs: JobsContext,
  jobId: string,
  status: Extract<JobStatus, 'cancelled' | 'failed'>,
  error?: Failure,
): Promise<boolean> {
  const { ledger, clock, log } = jobs;
  const more = { finishing: true, ...(error && { error: brief(error) }) };
  if (!(await ledger.finish(jobId, { status, finishedAt: clock.now(), ...more }))) return false;
  if (error) log.error('job stopped', { jobId, status, failure: error });
  else log.info('job cancelled', { jobId });
  const job = await ledger.job(jobId);
  if (job) await windUp(jobs, job);
  return true;
}

/** Characters of a message, or of its details as JSON, in a job's record, which must stay small. */
const longest = 1_000;

function brief({ details, message, ...rest }: Failure): Failure {
  const isShort = details !== undefined && JSON.stringify(details).length <= longest;
  return { ...rest, message: message.slice(0, longest), ...(isShort && { details }) };
}

/** Tells the workers of a stopped job to stop, and starts the task that writes its files. Safe to repeat. */
export async function windUp(jobs: JobsContext, job: Job): Promise<void> {
  await jobs.ledger.stop(job.id, job.rounds ?? 0, jobs.clock.now());
  // In this order: a worker that claims a slice after the stop sees it, and the task sees a claim made before.
  await addFinishTask(jobs, job);
}

/** Whether the job was stopped in its current round. */
export function isStopped({ ledger }: JobsContext, { id, rounds = 0 }: Job): Promise<boolean> {
  return ledger.isStopped(id, rounds);
}

/**
 * Releases a slice of a job that was stopped or is held, which is no attempt of its items. Sends no message: a retry of
 * the job, or its resumption, sends one.
 */
export async function releaseStopped(jobs: JobsContext, lease: Lease): Promise<void> {
  underLease(lease, await jobs.ledger.release(lease, jobs.clock.now(), 'waits'));
  jobs.log.info('slice released', { ...lease });
}

/** Watches whether a job is stopped, from outside or by this worker. */
export interface StopWatch {
  readonly signal: AbortSignal;
  /** Stops the job: here at once, and for all other workers. */
  stop(cause: Failure): void;
  /** Ends the watch. Resolves to whether the job is stopped. */
  end(): Promise<boolean>;
}

export function watchForStop(jobs: JobsContext, job: Job): StopWatch {
  const cancelled = watchForCancel(jobs, job);
  const own = new AbortController();
  const signal = AbortSignal.any([cancelled.signal, own.signal]);
  let stopping: Promise<boolean> | undefined;
  return {
    signal,
    stop(cause) {
      if (signal.aborted) return;
      own.abort(new Error(cause.message));
      stopping = stopJob(jobs, job.id, 'cancelled', cause).then(
        () => true,
        (error) => {
          jobs.log.error('job not stopped', { jobId: job.id, failure: cause, error: causesOf(error) });
          return false;
        },
      );
    },
    async end() {
      cancelled.stop();
      return stopping ?? cancelled.signal.aborted;
    },
  };
}
