import { type Failure, SpillwayError } from '../engine/errors.ts';
import type { Batch } from '../formats/batch.ts';
import { checkColumns, RowNames } from '../formats/columns.ts';
import { FileError } from '../formats/file-error.ts';
import { checkGzip, openRows } from '../formats/open-rows.ts';
import type { Position } from '../formats/position.ts';
import { withoutErrors } from './error-columns.ts';
import { endIfDone } from './finish.ts';
import { handOn } from './hand-on.ts';
import { holdLease, underLease } from './hold.ts';
import type { Invocation } from './invocation.ts';
import type { Job, JobSource } from './job.ts';
import { laneGate } from './lanes.ts';
import { limitsOf } from './limits.ts';
import { sendMessages } from './messages.ts';
import { writeItems } from './objects.ts';
import { type Room, workloadOf } from './room.ts';
import type { ClaimedTask } from './slice.ts';
import { newSlice, type Slice, sliceId } from './slice.ts';
import { letGo, stopJob } from './stop.ts';
import { clearTrouble } from './trouble.ts';
import { watchForCancel } from './watch.ts';
import type { Workload } from './workload.ts';

/** How far the planner has got: the slices and items so far, and where to read on. */
interface Note {
  slices: number;
  items: number;
  position: Position;
}

/**
 * How often the planner notes how far it is, in milliseconds: for every slice would take longer than the slice. Whoever
 * goes on for one that died plans the slices since then once more, which changes nothing.
 */
const noteEveryMs = 1_000;
/** Planning ends this many milliseconds before the budget does: a slice must not be half planned. */
const reserveMs = 1_000;

/**
 * Cuts a job's file into slices, each an object of JSON Lines, in one pass. Slices are worked on meanwhile. Hands itself
 * on, with the place it has got to, when its budget ends; a planner that comes after one that died plans the same slices.
 */
export async function planOn(
  room: Room,
  invocation: Invocation,
  job: Job,
  { task, lease }: ClaimedTask,
): Promise<void> {
  const { ledger, clock, log, settings } = room;
  const { source } = job;
  if (!source) throw new SpillwayError('SOURCE_MISSING', `Job ${job.id} has no source`);
  const hold = holdLease(room, lease);
  const cancelled = watchForCancel(room, job);
  let note = task.note as Note | undefined;
  let notedAt = Number.NEGATIVE_INFINITY;
  try {
    const mayStart = await laneGate(room, job, note?.slices ?? 0);
    const workload = workloadOf(room, job.workload);
    const { sliceSize } = limitsOf(workload, job.options);
    const required = requiredColumns(workload, job.options);
    let cleared: Promise<void> | undefined;
    for await (const batch of readBatches(room, required, sliceSize, source, note)) {
      hold.lost.throwIfAborted();
      if (cancelled.signal.aborted) {
        await hold.stop();
        return await letGo(room, lease);
      }
      note = await planSlice(room, job, batch, note, mayStart);
      cleared ??= clearTrouble(room, job);
      await cleared;
      const goesOn = clock.now() < invocation.stopAt - reserveMs;
      if (goesOn && clock.now() < notedAt + noteEveryMs) continue;
      notedAt = clock.now();
      underLease(lease, await ledger.note(lease, note, notedAt + settings.leaseMs, false));
      await ledger.plan(job.id, note.items, false);
      if (goesOn) continue;
      await hold.stop();
      await handOn(room, job, lease, 'hops', 0);
      log.info('planning handed on', { jobId: job.id, slices: note.slices, items: note.items });
      return;
    }
    await ledger.plan(job.id, note?.items ?? 0, true);
    await hold.stop();
    underLease(lease, await ledger.note(lease, note, clock.now(), true));
    log.info('job planned', { jobId: job.id, slices: note?.slices, items: note?.items });
    // The last slice may have been settled before the file's end was known.
    const planned = await ledger.job(job.id);
    if (planned) await endIfDone(room, planned);
  } finally {
    cancelled.stop();
    await hold.stop();
  }
}

/** Of a file's rows, so many are looked at before there is a job, or as many as can be read in so many milliseconds. */
const checkedRows = 10_000;
const checkMs = 2_000;

/**
 * Reads as much of a file as a caller can wait for: whatever makes it unusable is told at once where it shows that early.
 * Throws a {@link FileError}, or `SOURCE_NOT_FOUND`.
 */
export async function checkSource(
  room: Room,
  workload: Workload,
  options: unknown,
  source: JobSource,
): Promise<void> {
  const until = room.clock.now() + checkMs;
  const required = requiredColumns(workload, options);
  const names = new RowNames(required);
  let rows = 0;
  for await (const batch of readBatches(room, required, workload.limits.sliceSize, source, undefined)) {
    if (rows === 0 && batch.position.gzip) await checkGzip(await bytesOf(room, source));
    rows += batch.rows.length;
    names.add(batch.rows);
    if (rows >= checkedRows || room.clock.now() >= until) break;
  }
  names.check();
}

function requiredColumns({ columns = [] }: Workload, options: unknown): readonly string[] {
  return typeof columns === 'function' ? columns(options) : columns;
}

async function* readBatches(
  room: Room,
  required: readonly string[],
  batchSize: number,
  source: JobSource,
  note: Note | undefined,
): AsyncGenerator<Batch> {
  const { key, format, encoding } = source;
  yield* openRows(await bytesOf(room, source, note?.position.readFrom), {
    name: key,
    batchSize,
    ...(format && { format }),
    ...(encoding && { encoding }),
    ...(note && { resume: note.position }),
    onHeader: ({ columns }) => checkColumns(columns, required),
  });
}

async function bytesOf({ blobs }: Room, { key }: JobSource, from?: number) {
  const bytes = await blobs.read(key, from);
  if (!bytes) throw sourceNotFound(key);
  return bytes;
}

export function sourceNotFound(key: string): SpillwayError {
  return new SpillwayError('SOURCE_NOT_FOUND', `There is no upload with the key ${key}`);
}

async function planSlice(
  room: Room,
  job: Job,
  { rows, position }: Batch,
  before: Note | undefined,
  mayStart: (slice: Slice) => Promise<boolean>,
): Promise<Note> {
  const from = before?.items ?? 0;
  const number = before?.slices ?? 0;
  const slice = newSlice({ jobId: job.id, id: sliceId(number), from, span: rows.length }, room.clock.now());
  const items = rows.map(({ row, value, problem }, offset) => ({
    index: from + offset,
    row,
    item: withoutErrors(value),
    ...(problem && { problem }),
  }));
  await writeItems(room.blobs, slice, items);
  await room.ledger.add([slice]);
  if (await mayStart(slice)) await sendMessages(room, job, [slice.id]);
  return { slices: number + 1, items: from + rows.length, position };
}

/** Ends a job whose file cannot be cut any further. What is finished of it stays, and a retry goes on from there. */
export async function giveUpSource(
  room: Room,
  job: Job,
  { task, lease }: ClaimedTask,
  failure: Failure,
): Promise<void> {
  // Attempts begin anew with the next round.
  underLease(
    lease,
    await room.ledger.note(lease, task.note, room.clock.now() + room.settings.leaseMs, false),
  );
  // Given back before: the job is wound up when nobody has anything of it in hand.
  await letGo(room, lease);
  await stopJob(room, job.id, 'failed', failure);
}
