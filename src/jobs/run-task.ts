import { causesOf, type Failure, SpillwayError } from '../engine/errors.ts';
import { handOn, orHandOn } from './hand-on.ts';
import type { Invocation } from './invocation.ts';
import type { Job } from './job.ts';
import { notify } from './notify.ts';
import { giveUpSource, planOn } from './plan.ts';
import { giveUpOutput, putTogether } from './put-together.ts';
import { faultOf, maxOutputCrashes, unrecordedPause } from './retry-policy.ts';
import type { Room } from './room.ts';
import type { ClaimedTask } from './slice.ts';
import { isStopped, letGo } from './stop.ts';

/** Runs a task that a worker has taken: to its end, or until it is handed on or given up. */
export async function runTask(
  room: Room,
  invocation: Invocation,
  job: Job,
  claimed: ClaimedTask,
): Promise<void> {
  const { task, lease } = claimed;
  await orHandOn(room, job, { lease, waits: task.waits }, async () => {
    switch (task.task) {
      case 'notify':
        return notify(room, job, claimed);
      case 'write-output':
        return bounded(room, job, claimed, maxOutputCrashes, {
          run: () => putTogether(room, invocation, job, claimed),
          giveUp: (failure) => giveUpOutput(room, job, lease, failure),
          code: 'FILES_NOT_WRITTEN',
          what: 'The files could not be written',
        });
      case 'split-source':
        if (await isStopped(room, job)) return letGo(room, lease);
        return bounded(room, job, claimed, room.settings.maxCrashes, {
          run: () => planOn(room, invocation, job, claimed),
          giveUp: (failure) => giveUpSource(room, job, claimed, failure),
          code: 'PLANNING_DIED',
          what: 'The file could not be cut into slices',
        });
    }
  });
}

interface Step {
  run(): Promise<void>;
  /** Ends the job for that reason. */
  giveUp(failure: Failure): Promise<void>;
  /** Of a step that was tried too often, and what is said of it. */
  code: string;
  what: string;
}

/** Tries a step as often as its fault deserves: what is final ends the job at once, with the reason. */
async function bounded(
  room: Room,
  job: Job,
  { task, lease }: ClaimedTask,
  ceiling: number,
  { run, giveUp, code, what }: Step,
): Promise<void> {
  const giveUpAfter = (attempts: number) => {
    const message = `${what} in ${attempts} attempts; a retry of the job tries again`;
    return giveUp({ code, message, retryable: true });
  };
  if (task.crashes >= ceiling) return giveUpAfter(task.crashes);
  try {
    await run();
  } catch (error) {
    const fault = faultOf(error);
    if (fault === 'transient') throw error;
    room.log.error('task failed', { ...lease, task: task.task, fault, error: causesOf(error) });
    if (fault === 'final' && error instanceof SpillwayError) return giveUp(error.toJSON());
    if (task.crashes + 1 >= ceiling) return giveUpAfter(task.crashes + 1);
    await handOn(room, job, lease, 'crashes', unrecordedPause(task.crashes));
  }
}
