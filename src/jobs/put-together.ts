import { fileType } from '../formats/format.ts';
import type { Position } from '../formats/position.ts';
import type { Row } from '../formats/rows.ts';
import { writeRows } from '../formats/write-rows.ts';
import { endJob } from './finish.ts';
import { holdLease } from './hold.ts';
import {
  type Claimed,
  familiesOf,
  type Job,
  type JobOutput,
  type JobState,
  type Outcome,
  type Slice,
} from './job.ts';
import { readItems, readOutcomes } from './objects.ts';
import type { Room } from './room.ts';

/** Columns that tell of a failed item, behind its own. */
const errorColumns = ['error_code', 'error_message'];

/**
 * Puts a job's output together, from the outcomes of its slices in the order of the items, then ends the job. Failed
 * items keep their place, with their error behind their own columns, and go into a file of their own as well, in the
 * input's format and compression, fit to be sent again. Exactly one is put together: under the lease, and ended conditionally.
 */
export async function putTogether(room: Room, job: Job, { lease }: Claimed): Promise<void> {
  const state = await room.ledger.state(job.id);
  const { output: wanted } = job;
  if (!state || !wanted) return;
  const hold = holdLease(room, lease);
  try {
    const output = await writeFile(room, state, wanted, 'output', () => true, hold.lost);
    const own = inputType(state) ?? wanted;
    const errors =
      job.failed === 0
        ? undefined
        : await writeFile(room, state, own, 'errors', ({ status }) => status === 'failed', hold.lost);
    await hold.stop();
    // The other way round a worker that dies in between would leave a job that nobody ends.
    await endJob(room, state.job, { output, ...(errors && { errors }) });
    await room.ledger.note(lease, {}, room.clock.now(), true);
  } finally {
    await hold.stop();
  }
}

/** What the planner has found the input to be. */
function inputType({ tasks }: JobState): JobOutput | undefined {
  const note = tasks.find(({ task }) => task === 'plan')?.note as { position?: Position } | undefined;
  if (!note?.position) return undefined;
  const { format, gzip } = note.position;
  return { format, gzip: gzip && format !== 'xlsx' };
}

async function writeFile(
  room: Room,
  state: JobState,
  { format, gzip = false }: JobOutput,
  name: string,
  wanted: (outcome: Outcome) => boolean,
  lost: AbortSignal,
): Promise<string> {
  const { extension, contentType } = fileType(format, gzip);
  const key = `jobs/${state.job.id}/${name}${extension}`;
  const columns = await columnsOf(room, state);
  const rows = rowsOf(room, state, wanted, lost);
  await room.blobs.write(key, writeRows(rows, { format, gzip, ...(columns && { columns }) }), contentType);
  return key;
}

/** Those of the first item that succeeded, or else of the first one; the error's where anything failed. */
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
  return state.job.failed > 0 ? [...own, ...errorColumns] : Object.keys(first);
}

async function* rowsOf(
  room: Room,
  { slices }: JobState,
  wanted: (outcome: Outcome) => boolean,
  lost: AbortSignal,
): AsyncGenerator<Row[]> {
  const all = familiesOf(slices);
  let next = all[0] && read(room, all[0]);
  for (const at of all.keys()) {
    const family = await next;
    // The next one is fetched while this one is written.
    const following = all[at + 1];
    next = following && read(room, following);
    next?.catch(() => {});
    lost.throwIfAborted();
    if (family) yield family.outcomes.filter(wanted).map((outcome) => outcomeRow(outcome, family.items));
  }
}

async function read(room: Room, family: readonly Slice[]) {
  const outcomes = await readOutcomes(room.blobs, family);
  const [root] = family;
  const failed = outcomes.some(({ status }) => status === 'failed');
  const items = failed && root ? await readItems(room.blobs, root) : [];
  return { outcomes, items: new Map(items.map(({ index, item }) => [index, item])) };
}

function outcomeRow(outcome: Outcome, items: ReadonlyMap<number, unknown>): Row {
  if (outcome.status === 'succeeded') return rowOf(outcome.output);
  const { code, message } = outcome.error;
  return { ...rowOf(items.get(outcome.index)), error_code: code, error_message: message };
}

/** What is no row of its own becomes one with a single column. */
function rowOf(value: unknown): Row {
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRow ? (value as Row) : { output: value };
}
