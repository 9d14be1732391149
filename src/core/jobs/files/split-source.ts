import { type Failure, SpillwayError } from '../../engine/errors.ts';
import type { Batch } from '../../formats/batch.ts';
import type { Position } from '../../formats/position.ts';
import { fewWarnings, type Warning, warning } from '../../formats/warning.ts';
import type { Invocation } from '../model/invocation.ts';
import type { Job } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import { type JobsContext, workloadOf } from '../model/jobs-context.ts';
import type { ClaimedTask } from '../model/slice.ts';
import { newSlice, type Slice, sliceId } from '../model/slice.ts';
import { limitsOf } from '../model/workload-limits.ts';
import { handOn } from '../slices/hand-on.ts';
import { holdLease, underLease } from '../slices/hold-lease.ts';
import { laneGate } from '../slices/lanes.ts';
import { sendMessages } from '../slices/messages.ts';
import { writeItems } from '../slices/objects.ts';
import { endIfDone } from '../slices/settle.ts';
import { releaseStopped, stopJob } from '../slices/stop.ts';
import { clearTrouble } from '../slices/trouble.ts';
import { watchForCancel } from '../slices/watch-for-cancel.ts';
import { withoutErrors } from './error-columns.ts';
import { KnownColumns } from './known-columns.ts';
import { columnsOf, readBatches } from './read-source.ts';

/** Progress of `split-source`: the slices and items so far, and where to read on. */
interface Note {
  slices: number;
  items: number;
  position: Position;
  /** Rows without any value so far. */
  blank?: number;
  /** What else the job's user should know. */
  warnings?: readonly Warning[];
}

/**
 * Milliseconds between notes of the task's progress: a note for every slice would take longer than the slice itself.
 * After a crash, the next worker cuts the slices since the last note again, which changes nothing.
 */
const noteEveryMs = 1_000;
/** Cutting stops this many milliseconds before the budget ends: a slice must not be left half written. */
const reserveMs = 1_000;

/**
 * Cuts a job's file into slices, each an object of JSON Lines, in one pass. Workers run the slices meanwhile. When its
 * budget ends, the task hands itself on with its position. After a crash, the next worker cuts the same slices.
 */
export async function splitSource(
  jobs: JobsContext,
  invocation: Invocation,
  job: Job,
  { task, lease }: ClaimedTask,
): Promise<void> {
  const { ledger, clock, log, settings } = jobs;
  const { source } = job;
  if (!source) throw new SpillwayError(jobErrors.SOURCE_MISSING, `Job ${job.id} has no source`);
  const hold = holdLease(jobs, lease);
  const cancelled = watchForCancel(jobs, job);
  let note = task.note as Note | undefined;
  let notedAt = Number.NEGATIVE_INFINITY;
  try {
    const mayStart = await laneGate(jobs, job, note?.slices ?? 0);
    const workload = workloadOf(jobs, job.workload);
    const { sliceSize } = { ...limitsOf(workload, job.options), ...job };
    const warnings = [...(note?.warnings ?? [])];
    const reading = { columns: columnsOf(workload, job.options), batchSize: sliceSize, warnings };
    const columns = await KnownColumns.open(jobs.blobs, job, note !== undefined);
    let cleared: Promise<void> | undefined;
    for await (const batch of readBatches(jobs, reading, source, note)) {
      hold.lost.throwIfAborted();
      if (cancelled.signal.aborted) {
        await hold.stop();
        return await releaseStopped(jobs, lease);
      }
      if (namesItsOwn(batch)) for (const { value, problem } of batch.rows) if (!problem) columns.add(value);
      note = { ...(await planSlice(jobs, job, batch, note, mayStart)), warnings: fewWarnings(warnings) };
      if (job.lastError) cleared ??= clearTrouble(jobs, job.id);
      await cleared;
      const goesOn = clock.now() < invocation.stopAt - reserveMs;
      if (goesOn && clock.now() < notedAt + noteEveryMs) continue;
      notedAt = clock.now();
      await columns.save(jobs.blobs, job);
      underLease(lease, await ledger.note(lease, note, notedAt + settings.leaseMs, false));
      await ledger.plan(job.id, note.items, false);
      if (goesOn) continue;
      await hold.stop();
      await handOn(jobs, job, lease, 'hops', 0);
      log.info('planning handed on', { jobId: job.id, slices: note.slices, items: note.items });
      return;
    }
    await columns.save(jobs.blobs, job);
    await ledger.plan(job.id, note?.items ?? 0, true, toldOf(job, warnings, note?.blank ?? 0));
    await hold.stop();
    underLease(lease, await ledger.note(lease, note, clock.now(), true));
    log.info('job planned', { jobId: job.id, slices: note?.slices, items: note?.items });
    // The last slice may have been settled before the file's end was known.
    const planned = await ledger.job(job.id);
    if (planned) await endIfDone(jobs, planned);
  } finally {
    cancelled.stop();
    await hold.stop();
  }
}

/** Whether each row names its own columns. In a table, all have the same. */
const namesItsOwn = ({ position: { format } }: Batch) => format === 'json' || format === 'jsonl';

/** A job's warnings at the end of its file; undefined if there are none. */
function toldOf(job: Job, warnings: readonly Warning[], blank: number): Warning[] | undefined {
  const rows =
    blank === 1 ? 'A row without any value is left out' : `${blank} rows without any value are left out`;
  const left = blank > 0 ? [warning('BLANK_ROWS_LEFT_OUT', rows)] : [];
  const all = fewWarnings([...left, ...(job.warnings ?? []), ...warnings]);
  return all.length > 0 ? all : undefined;
}

async function planSlice(
  jobs: JobsContext,
  job: Job,
  { rows, blank, position }: Batch,
  before: Note | undefined,
  mayStart: (slice: Slice) => Promise<boolean>,
): Promise<Note> {
  const from = before?.items ?? 0;
  const number = before?.slices ?? 0;
  const progress = { position, blank: (before?.blank ?? 0) + blank };
  // The last batch may have nothing but rows without a value.
  if (rows.length === 0) return { ...progress, slices: number, items: from };
  const slice = newSlice({ jobId: job.id, id: sliceId(number), from, span: rows.length }, jobs.clock.now());
  const items = rows.map(({ row, value, problem }, offset) => ({
    index: from + offset,
    row,
    item: withoutErrors(value),
    ...(problem && { problem }),
  }));
  await writeItems(jobs.blobs, slice, items);
  await jobs.ledger.add([slice]);
  if (await mayStart(slice)) await sendMessages(jobs, job, [slice.id]);
  return { ...progress, slices: number + 1, items: from + rows.length };
}

/** Ends a job whose file cannot be cut any further. Its outcomes stay, and a retry continues from there. */
export async function giveUpSource(
  jobs: JobsContext,
  job: Job,
  { task, lease }: ClaimedTask,
  failure: Failure,
): Promise<void> {
  // A note resets the crashes: the next round gets all its attempts.
  underLease(
    lease,
    await jobs.ledger.note(lease, task.note, jobs.clock.now() + jobs.settings.leaseMs, false),
  );
  // Release the task first: the job is wound up only when no worker holds any of its work.
  await releaseStopped(jobs, lease);
  await stopJob(jobs, job.id, 'failed', failure);
}
