import { SpillwayError } from '../../engine/errors.ts';
import type { Batch } from '../../formats/batch.ts';
import { checkColumns, checkWidth, RowNames } from '../../formats/columns.ts';
import { checkGzip, openRows } from '../../formats/open-rows.ts';
import type { Position } from '../../formats/position.ts';
import type { Row } from '../../formats/rows.ts';
import { fewWarnings, type Warning } from '../../formats/warning.ts';
import { namesOf } from '../../json/shape.ts';
import type { JobOutput, JobSource } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import type { Workload } from '../workload.ts';

/** Rows to check before a file's job is created, or fewer if reading them takes longer than `checkMs` milliseconds. */
const checkedRows = 10_000;
const checkMs = 2_000;

/**
 * Reads as much of a file as a caller can wait for, to report at once a fault that shows this early. Resolves to what
 * its user should know. Throws a `FileError`, also if the output cannot hold the file's columns, or `SOURCE_NOT_FOUND`.
 */
export async function checkSource(
  jobs: JobsContext,
  workload: Workload,
  { options, source, output }: { options: unknown; source: JobSource; output: JobOutput },
): Promise<Warning[]> {
  const until = jobs.clock.now() + checkMs;
  const columns = columnsOf(workload, options);
  const warnings: Warning[] = [];
  const reading = { columns, batchSize: workload.limits.sliceSize, warnings };
  const names = new RowNames(columns.required);
  let rows = 0;
  for await (const batch of readBatches(jobs, reading, source, undefined)) {
    if (rows === 0 && batch.position.gzip) await checkGzip(await bytesOf(jobs, source));
    rows += batch.rows.length;
    names.add(batch.rows);
    for (const { value } of batch.rows) checkWidth(namesOf(value).length, output.format);
    if (rows >= checkedRows || jobs.clock.now() >= until) break;
  }
  names.check();
  return fewWarnings(warnings);
}

/**
 * Throws `MISSING_COLUMN` if none of the items of a request has a column that the workload needs, for example one that a
 * template names.
 */
export function checkItemColumns(workload: Workload, options: unknown, items: readonly unknown[]): void {
  const names = new RowNames(columnsOf(workload, options).required);
  const rows = items.flatMap((value, index) => (isRow(value) ? [{ row: index + 1, value }] : []));
  names.add(rows);
  names.check();
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The columns that a workload looks for in a file. */
export interface SoughtColumns {
  required: readonly string[];
  /** Those that it uses where it finds them. */
  optional: readonly string[];
}

export function columnsOf({ columns = [], optionalColumns = [] }: Workload, options: unknown): SoughtColumns {
  return {
    required: typeof columns === 'function' ? columns(options) : columns,
    optional: optionalColumns,
  };
}

/** How far a job's file has been read. */
interface ReadSoFar {
  items: number;
  position: Position;
}

/** How to read a job's file. */
export interface Reading {
  columns: SoughtColumns;
  batchSize: number;
  /** Gets what the user should know. */
  warnings: Warning[];
}

export async function* readBatches(
  jobs: JobsContext,
  { columns, batchSize, warnings }: Reading,
  source: JobSource,
  note: ReadSoFar | undefined,
): AsyncGenerator<Batch> {
  const { key, map = {}, limit: most, ...how } = source;
  const { required, optional } = columns;
  const limit = most === undefined ? undefined : most - (note?.items ?? 0);
  // An earlier worker may have read all of them.
  if (limit === 0) return;
  yield* openRows(await bytesOf(jobs, source, note?.position.readFrom), {
    ...how,
    name: key,
    batchSize,
    wanted: { names: [...required, ...optional], map },
    ...(limit !== undefined && { limit }),
    ...(note && { resume: note.position }),
    onHeader: ({ columns }) => checkColumns(columns, required),
    onWarning: (warning) => warnings.push(warning),
  });
}

async function bytesOf({ blobs }: JobsContext, { key }: JobSource, from?: number) {
  const bytes = await blobs.read(key, from);
  if (!bytes) throw sourceNotFound(key);
  return bytes;
}

export function sourceNotFound(key: string): SpillwayError {
  return new SpillwayError(jobErrors.SOURCE_NOT_FOUND, `There is no upload with the key ${key}`);
}
