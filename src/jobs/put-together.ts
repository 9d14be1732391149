import { fileType } from '../formats/format.ts';
import type { Position } from '../formats/position.ts';
import type { Row } from '../formats/rows.ts';
import { writeRows } from '../formats/write-rows.ts';
import { type Cancelled, withCancelled } from './cancelled.ts';
import { endJob } from './finish.ts';
import { holdLease } from './hold.ts';
import {
  type Claimed,
  familiesOf,
  type Job,
  type JobOutput,
  type JobState,
  type Outcome,
  progressOf,
  type Slice,
} from './job.ts';

import { readItems, readOutcomes } from './objects.ts';
import type { Room } from './room.ts';
import { gatherSummary } from './summary.ts';

/** Columns that tell of an item that failed or was cancelled, behind its own. */
const errorColumns = ['error_code', 'error_message'];
/** What they say of a cancelled one. */
const cancelledRow = {
  error_code: 'CANCELLED',
  error_message: 'The job was stopped before this row was done',
};

/** Seconds until it is looked again whether the workers of a stopped job have let go. */
const lookAgainSeconds = 1;

/**
 * Puts a job's files together, from the outcomes of its slices in the order of the items, then ends the job. Items that
 * failed or were cancelled keep their place, with the reason behind their own columns; those that failed go into a file
 * of their own as well, in the input's format and compression, fit to be sent again. The files of a stopped job are put together when no
 * worker has anything of it in hand. Exactly one job end comes of it: under the lease, and conditionally.
 */
export async function putTogether(room: Room, job: Job, { slice: task, lease }: Claimed): Promise<void> {
  const { ledger, queue, clock } = room;
  const state = await ledger.state(job.id);
  if (!state) return;
  if (state.job.finishing && (await isAtWork(room, state))) {
    await ledger.release(lease, clock.now() + lookAgainSeconds * 1000, 'waits');
    await queue.send([{ jobId: job.id, sliceId: task.id }], job.tenant, lookAgainSeconds);
    return;
  }
  if (state.job.planning) await correctTotal(room, state);
  const hold = holdLease(room, lease);
  try {
    const files = await writeFiles(room, state, hold.lost);
    await hold.stop();
    // The other way round a worker that dies in between would leave a job that nobody ends.
    const ended = !state.job.finishing && (await endJob(room, state.job, files));
    // Also one that was cancelled while its files were put together.
    if (!ended) await ledger.woundUp(job.id, files);
    await ledger.note(lease, {}, clock.now(), true);
  } finally {
    await hold.stop();
  }
}

/** Whether any worker may still record something. The slices of those that are gone are queued again. */
async function isAtWork({ ledger, clock }: Room, { slices, tasks }: JobState): Promise<boolean> {
  let held = 0;
  for (const { jobId, id, status, leaseUntil = 0 } of [...slices, ...tasks.filter(isPlan)]) {
    if (status !== 'running') continue;
    const now = clock.now();
    const gone = leaseUntil < now && (await ledger.expire({ jobId, sliceId: id }, now));
    if (!gone) held += 1;
  }
  return held > 0;
}

/** A planner that died may have added a slice and not its items to the total. */
async function correctTotal({ ledger }: Room, { job, slices }: JobState): Promise<void> {
  job.totalItems = slices.reduce((total, { from, span }) => Math.max(total, from + span), 0);
  await ledger.planned(job.id, job.totalItems, false);
}

const isPlan = ({ task }: Slice) => task === 'plan';

async function writeFiles(
  room: Room,
  state: JobState,
  lost: AbortSignal,
): Promise<NonNullable<Job['files']>> {
  const { job } = state;
  const summary = gatherSummary(room, job);
  const summed = (family: Family) => {
    for (const one of family.items) if (one.status !== 'cancelled') summary.add(one);
    return family;
  };
  if (job.output === undefined) {
    if (!summary.wanted) return {};
    for await (const family of familiesIn(room, state, lost)) summed(family);
    const key = await summary.write();
    return { ...(key !== undefined && { summary: key }) };
  }
  const output = await writeFile(room, state, job.output, 'output', lost, (family) => summed(family).items);
  const { failed } = progressOf(state);
  const errors =
    failed === 0
      ? undefined
      : await writeFile(room, state, inputType(state) ?? job.output, 'errors', lost, ({ items }) =>
          items.filter(({ status }) => status === 'failed'),
        );
  // Of an earlier round, when there was something to tell.
  if (errors === undefined && job.files?.errors !== undefined) await room.blobs.delete([job.files.errors]);
  const key = await summary.write();
  return { output, ...(errors && { errors }), ...(key !== undefined && { summary: key }) };
}

/** What the planner has found the input to be. */
function inputType({ tasks }: JobState): JobOutput | undefined {
  const note = tasks.find(isPlan)?.note as { position?: Position } | undefined;
  if (!note?.position) return undefined;
  const { format, gzip } = note.position;
  return { format, gzip: gzip && format !== 'xlsx' };
}

async function writeFile(
  room: Room,
  state: JobState,
  { format, gzip = false }: JobOutput,
  name: string,
  lost: AbortSignal,
  wanted: (family: Family) => (Outcome | Cancelled)[],
): Promise<string> {
  const { extension, contentType } = fileType(format, gzip);
  const key = `jobs/${state.job.id}/${name}${extension}`;
  const columns = await columnsOf(room, state);
  const rows = rowsOf(room, state, lost, wanted);
  await room.blobs.write(key, writeRows(rows, { format, gzip, ...(columns && { columns }) }), contentType);
  return key;
}

/** Those of the first item that succeeded, or else of the first one; the error's where not all have succeeded. */
async function columnsOf(room: Room, state: JobState): Promise<string[] | undefined> {
  let first: Row | undefined;
  for (const family of familiesOf(state.slices)) {
    const outcomes = await readOutcomes(room.blobs, family);
    const success = outcomes.find(({ status }) => status === 'succeeded');
    if (success?.status === 'succeeded') {
      first = rowOf(success.output);
      break;
    }
    const [root] = family;
    if (!first && root) first = rowOf((await readItems(room.blobs, root))[0]?.item);
  }
  if (!first) return undefined;
  // A file of errors that was sent again has them already.
  const own = Object.keys(first).filter((column) => !errorColumns.includes(column));
  return progressOf(state).succeeded < state.job.totalItems ? [...own, ...errorColumns] : Object.keys(first);
}

async function* rowsOf(
  room: Room,
  state: JobState,
  lost: AbortSignal,
  wanted: (family: Family) => (Outcome | Cancelled)[],
): AsyncGenerator<Row[]> {
  for await (const family of familiesIn(room, state, lost)) {
    const one = wanted(family);
    const [root] = family.slices;
    const plain = one.every(({ status }) => status === 'succeeded');
    const given = plain || !root ? [] : await readItems(room.blobs, root);
    const own = new Map(given.map(({ index, item }) => [index, item]));
    yield one.map((outcome) => outcomeRow(outcome, own));
  }
}

/** A slice of the job's own, all that came out of it, and what became of its items, in their order. */
interface Family {
  slices: readonly Slice[];
  items: (Outcome | Cancelled)[];
}

async function* familiesIn(room: Room, { slices }: JobState, lost: AbortSignal): AsyncGenerator<Family> {
  const all = familiesOf(slices);
  let next = all[0] && readFamily(room, all[0]);
  for (const at of all.keys()) {
    const family = await next;
    // The next one is fetched while this one is written.
    const following = all[at + 1];
    next = following && readFamily(room, following);
    next?.catch(() => {});
    lost.throwIfAborted();
    if (family) yield family;
  }
}

async function readFamily(room: Room, slices: readonly Slice[]): Promise<Family> {
  const outcomes = await readOutcomes(room.blobs, slices);
  const [root] = slices;
  return { slices, items: root ? withCancelled(outcomes, root) : outcomes };
}

function outcomeRow(outcome: Outcome | Cancelled, own: ReadonlyMap<number, unknown>): Row {
  if (outcome.status === 'succeeded') return rowOf(outcome.output);
  if (outcome.status === 'cancelled') return { ...rowOf(own.get(outcome.index)), ...cancelledRow };
  const { code, message } = outcome.error;
  return { ...rowOf(own.get(outcome.index)), error_code: code, error_message: message };
}

/** What is no row of its own becomes one with a single column. */
function rowOf(value: unknown): Row {
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRow ? (value as Row) : { output: value };
}
