import { causesOf, type DeclaredError, type Failure, failureOf, SpillwayError } from '../engine/errors.ts';
import { giveUpSource, splitSource } from './files/split-source.ts';
import { giveUpOutput, writeOutput } from './files/write-output.ts';
import type { Invocation } from './model/invocation.ts';
import type { Job } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import type { JobsContext } from './model/jobs-context.ts';
import { faultOf, maxOutputCrashes, unrecordedPause } from './model/retry-policy.ts';
import type { ClaimedTask } from './model/slice.ts';
import { notify } from './notices/notify.ts';
import { handOn, orHandOn } from './slices/hand-on.ts';
import { isStopped, releaseStopped } from './slices/stop.ts';

/** Runs a claimed task until it is done, handed on or given up. */
export async function runTask(
  jobs: JobsContext,
  invocation: Invocation,
  job: Job,
  claimed: ClaimedTask,
): Promise<void> {
  const { task, lease } = claimed;
  await orHandOn(jobs, job, { lease, waits: task.waits }, async () => {
    switch (task.task) {
      case 'notify':
        return notify(jobs, job, claimed);
      case 'write-output':
        return bounded(jobs, job, claimed, maxOutputCrashes, {
          run: () => writeOutput(jobs, invocation, job, claimed),
          giveUp: (failure) => giveUpOutput(jobs, job, lease, failure),
          kind: jobErrors.FILES_NOT_WRITTEN,
          what: 'The files could not be written',
        });
      case 'split-source':
        if (await isStopped(jobs, job)) return releaseStopped(jobs, lease);
        return bounded(jobs, job, claimed, jobs.settings.maxCrashes, {
          run: () => splitSource(jobs, invocation, job, claimed),
          giveUp: (failure) => giveUpSource(jobs, job, claimed, failure),
          kind: jobErrors.PLANNING_DIED,
          what: 'The file could not be cut into slices',
        });
    }
  });
}

interface Step {
  run(): Promise<void>;
  /** Ends the job with that failure. */
  giveUp(failure: Failure): Promise<void>;
  /** Code and message for a step that failed too often. */
  kind: DeclaredError;
  what: string;
}

/** Tries a step as often as the class of its fault allows: a final fault ends the job at once, with the reason. */
async function bounded(
  jobs: JobsContext,
  job: Job,
  { task, lease }: ClaimedTask,
  ceiling: number,
  { run, giveUp, kind, what }: Step,
): Promise<void> {
  const giveUpAfter = (attempts: number) => {
    const message = `${what} in ${attempts} attempts. Retry the job to try again`;
    return giveUp(failureOf(kind, message));
  };
  if (task.crashes >= ceiling) return giveUpAfter(task.crashes);
  try {
    await run();
  } catch (error) {
    const fault = faultOf(error);
    if (fault === 'transient') throw error;
    jobs.log.error('task failed', { ...lease, task: task.task, fault, error: causesOf(error) });
    if (fault === 'final' && error instanceof SpillwayError) return giveUp(error.toJSON());
    if (task.crashes + 1 >= ceiling) return giveUpAfter(task.crashes + 1);
    await handOn(jobs, job, lease, 'crashes', unrecordedPause(task.crashes));
  }
}
