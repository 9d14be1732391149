import { SpillwayError } from '../../engine/errors.ts';
import type { RowProblem } from '../../formats/rows.ts';
import { namesOf, typesOf, withShape } from '../../json/shape.ts';
import type { Outcome } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { Blobs } from '../model/ports.ts';
import { rootOf, roundOf, type Slice } from '../model/slice.ts';
import { fromLines, toLines } from './lines.ts';

/** An item and its place in the job. */
export interface IndexedItem {
  index: number;
  item: unknown;
  /** Its row in the file; only items from a file have one. Such items are checked when they run. */
  row?: number;
  /** Why the row cannot be used. */
  problem?: RowProblem;
}

const jsonLines = 'application/x-ndjson';

/** The parts of a split slice read their items from the root slice's object. */
function itemsKey({ jobId, id }: Pick<Slice, 'jobId' | 'id'>): string {
  return `jobs/${jobId}/items/${rootOf(id)}.jsonl`;
}

function partKey({ jobId, id }: Pick<Slice, 'jobId' | 'id'>, part: string): string {
  return `jobs/${jobId}/parts/${id}/${part}.jsonl`;
}

export async function writeItems(blobs: Blobs, slice: Slice, items: readonly IndexedItem[]): Promise<void> {
  const given = items.map((one) => (one.problem ? withTypes(one) : one));
  const lines = toLines(given, {}, ({ index, item, row, problem }) =>
    row === undefined || problem || !isPlain(item) ? undefined : { a: index, b: row, fields: item },
  );
  await blobs.put(itemsKey(slice), lines, jsonLines);
}

/** The items of a slice, in order. Throws `ITEMS_MISSING` if their object has expired or was deleted. */
export async function readItems(blobs: Blobs, slice: Slice): Promise<IndexedItem[]> {
  const body = await blobs.get(itemsKey(slice));
  if (!body)
    throw new SpillwayError(
      jobErrors.ITEMS_MISSING,
      `The items of slice ${slice.id} of ${slice.jobId} are gone`,
    );
  const items = fromLines<IndexedItem & Typed, object>(body, (index, row, item) => ({ index, row, item }));
  for (const one of items) if (one.problem) restoreTypes(one);
  if (items.length === slice.span && slice.id === rootOf(slice.id)) return items;
  return items.filter(({ index }) => index >= slice.from && index < slice.from + slice.span);
}

/** How an unusable row of a workbook is kept, whose line is not packed. */
interface Typed {
  types?: string;
}

function withTypes(one: IndexedItem): IndexedItem & Typed {
  const types = isPlain(one.item) ? typesOf(one.item, namesOf(one.item)) : undefined;
  return types === undefined ? one : { ...one, types };
}

function restoreTypes(one: IndexedItem & Typed): void {
  const { types, item } = one;
  delete one.types;
  if (types !== undefined && isPlain(item)) withShape(item, { columns: namesOf(item), types });
}

export async function writeOutcomes(
  blobs: Blobs,
  slice: Slice,
  part: string,
  outcomes: readonly Outcome[],
): Promise<void> {
  const [first] = outcomes;
  if (!first) return;
  const shared: Shared = { attempts: first.attempts, ranOn: first.ranOn };
  const lines = toLines(outcomes, shared, (outcome) => {
    const { index, durationMs, attempts, ranOn, itemId } = outcome;
    if (outcome.status !== 'succeeded' || itemId !== undefined || !isPlain(outcome.output)) return undefined;
    if (attempts !== shared.attempts || ranOn !== shared.ranOn) return undefined;
    return { a: index, b: durationMs, fields: outcome.output };
  });
  await blobs.put(partKey(slice, part), lines, jsonLines);
}

/** Fields that usually are the same for all outcomes of a part. */
type Shared = Pick<Outcome, 'attempts' | 'ranOn'>;

function readPart(body: Buffer): Outcome[] {
  return fromLines<Outcome, Shared>(body, (index, durationMs, output, { attempts, ranOn }) => ({
    index,
    attempts,
    durationMs,
    ranOn,
    status: 'succeeded',
    output,
  }));
}

/** A plain object, not an instance of a class, which may define its own JSON. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The outcomes of one stored object, and their round. */
export interface Part {
  round: number;
  outcomes: Outcome[];
}

/**
 * The outcomes in the slices' parts, in the order of the items. Failures of earlier rounds are left out: a retried item
 * has no outcome until it ends again.
 */
export async function readOutcomes(blobs: Blobs, slices: readonly Slice[]): Promise<Outcome[]> {
  const families = Map.groupBy(slices, ({ id }) => rootOf(id)).values();
  const outcomes = await Promise.all([...families].map((family) => readFamily(blobs, family)));
  return outcomes.flat().sort((a, b) => a.index - b.index);
}

async function readFamily(blobs: Blobs, family: readonly Slice[]): Promise<Outcome[]> {
  const last = Math.max(...family.map(({ id }) => roundOf(id)));
  const parts = await readParts(blobs, family);
  return parts.flatMap(({ round, outcomes }) =>
    round === last ? outcomes : outcomes.filter(({ status }) => status === 'succeeded'),
  );
}

/** The outcomes of every round. Reads only parts that the ledger knows. */
export async function readParts(blobs: Blobs, slices: readonly Slice[]): Promise<Part[]> {
  const parts = slices.flatMap((slice) =>
    slice.parts.map(async (part) => {
      const body = await blobs.get(partKey(slice, part));
      if (!body)
        throw new SpillwayError(
          jobErrors.OUTCOMES_MISSING,
          `Part ${part} of slice ${slice.id} of ${slice.jobId} is gone`,
        );
      return { round: roundOf(slice.id), outcomes: readPart(body) };
    }),
  );
  return Promise.all(parts);
}
