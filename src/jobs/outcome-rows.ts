import type { Row } from '../formats/rows.ts';
import { type Cancelled, withCancelled } from './cancelled.ts';
import { familiesOf, type JobState, type Outcome, progressOf, type Slice } from './job.ts';
import { readItems, readOutcomes } from './objects.ts';
import type { Room } from './room.ts';

/** Columns that tell of an item that failed or was cancelled, behind its own. */
const errorColumns = ['error_code', 'error_message'];
/** What they say of a cancelled one. */
const cancelledRow = {
  error_code: 'CANCELLED',
  error_message: 'The job was stopped before this row was done',
};

/** Those of the first item that succeeded, or else of the first one; the error's where not all have succeeded. */
export async function columnsOf(room: Room, state: JobState): Promise<string[] | undefined> {
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

/** The rows of those of a family's items that are wanted. */
export async function rowsOf(room: Room, family: Family, wanted: Wanted): Promise<Row[]> {
  const items = wanted(family);
  const [root] = family.slices;
  const plain = items.every(({ status }) => status === 'succeeded');
  const given = plain || !root ? [] : await readItems(room.blobs, root);
  const own = new Map(given.map(({ index, item }) => [index, item]));
  return items.map((outcome) => outcomeRow(outcome, own));
}

/** Chooses among a family's items. */
export type Wanted = (family: Family) => (Outcome | Cancelled)[];

/** A slice of the job's own, all that came out of it, and what became of its items, in their order. */
export interface Family {
  slices: readonly Slice[];
  items: (Outcome | Cancelled)[];
}

/** The families of a job in the order of its items, without the first `skip`. Throws the reason when `lost` aborts. */
export async function* familiesIn(
  room: Room,
  { slices }: JobState,
  lost: AbortSignal,
  skip = 0,
): AsyncGenerator<Family> {
  const all = familiesOf(slices).slice(skip);
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
