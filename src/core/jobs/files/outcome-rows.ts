import type { Row } from '../../formats/rows.ts';
import { extended, namesOf } from '../../json/shape.ts';
import { type Cancelled, withCancelled } from '../model/cancelled.ts';
import { type JobState, type Outcome, progressOf } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { familiesOf, type Slice } from '../model/slice.ts';
import { readItems, readOutcomes } from '../slices/objects.ts';
import { cancelledRow, errorRow, withErrors } from './error-columns.ts';
import { knownColumns, withKnown } from './known-columns.ts';

/**
 * The columns of a table of all outcomes: those of the first success, with those of all items if it has its own item's;
 * without a success, those of the input; plus the error columns unless all items succeeded, or there would be more than
 * `most`.
 */
export async function outputColumns(
  jobs: JobsContext,
  state: JobState,
  most: number,
): Promise<string[] | undefined> {
  const allSucceeded = progressOf(state).succeeded >= state.job.totalItems;
  for (const family of familiesOf(state.slices)) {
    const outcomes = await readOutcomes(jobs.blobs, family);
    const success = outcomes.find(({ status }) => status === 'succeeded');
    if (success?.status !== 'succeeded') continue;
    const columns = await withItems(jobs, state, family, success.index, namesOf(succeededRow(success)));
    return allSucceeded ? [...columns] : withErrors(columns, most);
  }
  return inputColumns(jobs, state, most);
}

/** An output's columns with those that other items have, if it has those of its own item. */
async function withItems(
  { blobs }: JobsContext,
  { job }: JobState,
  [root]: readonly Slice[],
  index: number,
  columns: readonly string[],
): Promise<readonly string[]> {
  const known = job.source ? await knownColumns(blobs, job) : [];
  if (!root || known.every((name) => columns.includes(name))) return columns;
  const own = (await readItems(blobs, root)).find((item) => item.index === index);
  return withKnown(columns, namesOf(rowOf(own?.item)), known);
}

/** The columns of a table of failed items: the input's own, since it may be submitted again, and the error columns. */
export async function inputColumns(
  jobs: JobsContext,
  { job, slices }: JobState,
  most: number,
): Promise<string[] | undefined> {
  const [first] = slices;
  if (!first) return undefined;
  const items = await readItems(jobs.blobs, first);
  // All rows of a table have the same columns; an unreadable row of JSON has none, so prefer a good one.
  const { item } = items.find(({ problem }) => !problem) ?? items[0] ?? {};
  const columns = namesOf(rowOf(item));
  const all = job.source ? withKnown(columns, columns, await knownColumns(jobs.blobs, job)) : columns;
  return withErrors(all, most);
}

/** The rows of the wanted items of a family. */
export async function rowsOf(jobs: JobsContext, family: Family, wanted: Wanted): Promise<Row[]> {
  const items = wanted(family);
  const [root] = family.slices;
  const plain = items.every(({ status }) => status === 'succeeded');
  const given = plain || !root ? [] : await readItems(jobs.blobs, root);
  const own = new Map(given.map(({ index, item }) => [index, item]));
  return items.map((outcome) => outcomeRow(outcome, own));
}

/** Selects items of a family. */
export type Wanted = (family: Family) => (Outcome | Cancelled)[];

/** A root slice with all that came out of it, and the outcomes of its items, in their order. */
export interface Family {
  slices: readonly Slice[];
  items: (Outcome | Cancelled)[];
}

/** The families of a job in the order of its items, without the first `skip`. Throws the reason when `lost` aborts. */
export async function* familiesIn(
  jobs: JobsContext,
  { slices }: JobState,
  lost: AbortSignal,
  skip = 0,
): AsyncGenerator<Family> {
  const all = familiesOf(slices).slice(skip);
  let next = all[0] && readFamily(jobs, all[0]);
  for (const at of all.keys()) {
    const family = await next;
    // Fetch the next family while this one is written.
    const following = all[at + 1];
    next = following && readFamily(jobs, following);
    next?.catch(() => {});
    lost.throwIfAborted();
    if (family) yield family;
  }
}

async function readFamily(jobs: JobsContext, slices: readonly Slice[]): Promise<Family> {
  const outcomes = await readOutcomes(jobs.blobs, slices);
  const [root] = slices;
  return { slices, items: root ? withCancelled(outcomes, root) : outcomes };
}

function outcomeRow(outcome: Outcome | Cancelled, own: ReadonlyMap<number, unknown>): Row {
  if (outcome.status === 'succeeded') return succeededRow(outcome);
  if (outcome.status === 'cancelled') return { ...rowOf(own.get(outcome.index)), ...cancelledRow };
  return { ...rowOf(own.get(outcome.index)), ...errorRow(outcome.error) };
}

/** A result that stand-ins invented says so. */
const succeededRow = ({ output, simulated }: Outcome & { status: 'succeeded' }): Row =>
  simulated ? extended(rowOf(output), [['simulated', true]]) : rowOf(output);

/** A value that is not an object becomes a row with a single column. */
function rowOf(value: unknown): Row {
  const isRow = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRow ? (value as Row) : { output: value };
}
