import { type Failure, failureOf, type Postponed } from '../../engine/errors.ts';
import { rowProblems } from '../../formats/rows.ts';
import { checked } from '../../json/check.ts';
import type { Invocation } from '../model/invocation.ts';
import type { Job } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import { type JobsContext, type Settings, workloadOf } from '../model/jobs-context.ts';
import type { Claimed, Slice } from '../model/slice.ts';
import type { Workload } from '../workload.ts';
import { failRest, settledOf } from './give-up.ts';
import { type IndexedItem, readItems } from './objects.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { splitSlice } from './split.ts';

/** An item of an opened slice. */
export interface Task extends Pick<IndexedItem, 'index' | 'item'> {
  recorder: Recorder;
  overflow: Overflow;
}

/** What a slice hands on, and what it waits for. */
interface Overflow {
  /** Items that were not started or not finished here, by reason. */
  counts: Record<string, number>;
  postponed?: Postponed;
}

/** A slice with its remaining items. */
export interface Opened extends Claimed {
  recorder: Recorder;
  tasks: Task[];
  openedAt: number;
  overflow: Overflow;
}

/** Finds the remaining items of a slice. Empty if the slice was split or given up instead. */
export async function openSlice(
  jobs: JobsContext,
  invocation: Invocation,
  job: Job,
  claimed: Claimed,
): Promise<Opened[]> {
  const { slice, lease } = claimed;
  const { clock, settings } = jobs;
  const exhausted = exhaustion(slice, settings);
  if (exhausted) {
    await failRest(jobs, job, claimed, invocation.ranOn, exhausted);
    return [];
  }
  const settled = await settledOf(jobs, slice);
  const left = (await readItems(jobs.blobs, slice)).filter(({ index }) => !settled.has(index));
  if (slice.crashes > 0 && left.length > 1) {
    await splitSlice(jobs, job, claimed, left);
    return [];
  }
  if (slice.crashes >= settings.maxCrashes) {
    const message = `${slice.crashes} workers died while they ran this item`;
    await failRest(jobs, job, claimed, invocation.ranOn, failureOf(jobErrors.WORKER_DIED, message));
    return [];
  }
  const workload = workloadOf(jobs, job.workload);
  const { checkpointMs } = workload.limits;
  const recorder = createRecorder(
    ...([jobs, slice, lease, left.length, checkpointMs] as const),
    workload.view?.needsReview,
    invocation.onRecorded,
  );
  jobs.metrics.milliseconds('QueueWait', clock.now() - slice.queuedAt);
  const overflow: Overflow = { counts: {} };
  const tasks: Task[] = [];
  for (const one of left) {
    const checked = check(one, workload);
    if ('failure' in checked) {
      const { index } = one;
      const ended = { attempts: slice.claims - slice.waits, durationMs: 0, ranOn: invocation.ranOn };
      recorder.add({ index, status: 'failed', error: checked.failure, ...ended });
    } else tasks.push({ index: one.index, item: checked.item, recorder, overflow });
  }
  return [{ slice, lease, recorder, tasks, openedAt: clock.now(), overflow }];
}

/** Checks a row of a file when it runs, so that only this row fails. Items of a request are checked on arrival. */
function check(
  { item, row, problem }: IndexedItem,
  workload: Workload,
): { item: unknown } | { failure: Failure } {
  if (row === undefined) return { item };
  if (problem) {
    const { code, column } = problem;
    const place = { row, ...(column !== undefined && { column }) };
    const message = `Row ${row}${column === undefined ? '' : `, column ${column}`}: ${problem.message}`;
    return { failure: failureOf(rowProblems[code], message, place) };
  }
  const parsed = checked(workload.item, item);
  if (parsed.success) return { item: parsed.data };
  const errors = parsed.error.issues.map(({ path, message }) => ({ column: path.join('.'), message }));
  const message = errors
    .map((one) => (one.column ? `${one.column}: ${one.message}` : one.message))
    .join('; ');
  return { failure: failureOf(jobErrors.INVALID_ITEM, message, { row, errors }) };
}

/** Why a slice must be given up, if it must. */
function exhaustion({ hops, waits }: Slice, { maxHops, maxWaits }: Settings): Failure | undefined {
  if (hops > maxHops)
    return failureOf(jobErrors.HOPS_EXHAUSTED, `The item was handed on ${hops} times and never finished`);
  if (waits > maxWaits)
    return failureOf(jobErrors.WAITS_EXHAUSTED, `The item waited ${waits} times for an upstream`);
  return undefined;
}
