import { SpillwayError } from '../engine/errors.ts';
import type { RowProblem } from '../formats/rows.ts';
import { type Outcome, rootOf, roundOf, type Slice } from './job.ts';
import type { Blobs } from './ports.ts';

/** An item and its place in the job. */
export interface IndexedItem {
  index: number;
  item: unknown;
  /** Where it stands in its file; only items from a file have one. Those are checked when their turn comes. */
  row?: number;
  /** Why the row cannot be used. */
  problem?: RowProblem;
}

const jsonLines = 'application/x-ndjson';

/** The items of a split slice stay in the object of the slice that it came from. */
function itemsKey({ jobId, id }: Pick<Slice, 'jobId' | 'id'>): string {
  return `jobs/${jobId}/items/${rootOf(id)}.jsonl`;
}

function partKey({ jobId, id }: Pick<Slice, 'jobId' | 'id'>, part: string): string {
  return `jobs/${jobId}/parts/${id}/${part}.jsonl`;
}

export async function writeItems(blobs: Blobs, slice: Slice, items: readonly IndexedItem[]): Promise<void> {
  await blobs.put(itemsKey(slice), toLines(items), jsonLines);
}

/** The items of a slice, in order. Throws `ITEMS_MISSING` when their object has expired or was deleted. */
export async function readItems(blobs: Blobs, slice: Slice): Promise<IndexedItem[]> {
  const body = await blobs.get(itemsKey(slice));
  if (!body)
    throw new SpillwayError('ITEMS_MISSING', `The items of slice ${slice.id} of ${slice.jobId} are gone`);
  return fromLines<IndexedItem>(body).filter(
    ({ index }) => index >= slice.from && index < slice.from + slice.span,
  );
}

export async function writeOutcomes(
  blobs: Blobs,
  slice: Slice,
  part: string,
  outcomes: readonly Outcome[],
): Promise<void> {
  await blobs.put(partKey(slice, part), toLines(outcomes), jsonLines);
}

/** An outcome, and the round in which it came about. */
export interface RoundOutcome {
  round: number;
  outcome: Outcome;
}

/**
 * Everything that the slices' parts hold, in the order of the items. Of each item what its last round has brought:
 * what failed and is run again has no outcome until then.
 */
export async function readOutcomes(blobs: Blobs, slices: readonly Slice[]): Promise<Outcome[]> {
  const families = Map.groupBy(slices, ({ id }) => rootOf(id)).values();
  const outcomes = await Promise.all([...families].map((family) => readFamily(blobs, family)));
  return outcomes.flat().sort((a, b) => a.index - b.index);
}

async function readFamily(blobs: Blobs, family: readonly Slice[]): Promise<Outcome[]> {
  const last = Math.max(...family.map(({ id }) => roundOf(id)));
  const all = await readAllOutcomes(blobs, family);
  return all
    .filter(({ round, outcome }) => round === last || outcome.status === 'succeeded')
    .map(({ outcome }) => outcome);
}

/** The outcomes of every round. Only parts that the ledger knows count. */
export async function readAllOutcomes(blobs: Blobs, slices: readonly Slice[]): Promise<RoundOutcome[]> {
  const parts = slices.flatMap((slice) =>
    slice.parts.map(async (part) => {
      const body = await blobs.get(partKey(slice, part));
      if (!body)
        throw new SpillwayError(
          'OUTCOMES_MISSING',
          `Part ${part} of slice ${slice.id} of ${slice.jobId} is gone`,
        );
      const round = roundOf(slice.id);
      return fromLines<Outcome>(body).map((outcome) => ({ round, outcome }));
    }),
  );
  return (await Promise.all(parts)).flat();
}

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function fromLines<T>(body: Buffer): T[] {
  return body
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
