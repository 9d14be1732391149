import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancelledCode, errorColumns } from '../core/formats/error-columns.ts';
import { type Format, formatOfName } from '../core/formats/format.ts';
import { openRows } from '../core/formats/open-rows.ts';
import type { ReadOptions } from '../core/formats/options.ts';
import type { Row } from '../core/formats/rows.ts';
import { writeRows } from '../core/formats/write-rows.ts';
import { namesOf, valueIn } from '../core/json/shape.ts';
import type { FindFile } from './finished-files.ts';
import { UsageError } from './usage-error.ts';
import { type Chunks, writeWhole } from './write-target.ts';

type Reading = Pick<ReadOptions, 'format' | 'encoding'>;

/**
 * Checks before any work that the rows of an input are the failed rows of an earlier output, one for one and in their
 * order. Throws a {@link UsageError}.
 */
export async function checkMerge(into: string, input: string, reading: Reading): Promise<void> {
  const [failed, mended] = [await failedIn(into), await countIn(input, reading)];
  if (failed === 0) throw new UsageError(`There is nothing to merge: no row of ${into} failed.`);
  if (failed !== mended)
    throw new UsageError(
      `${into} has ${rowsText(failed)} that failed, but ${input} has ${rowsText(mended)}: it must have each of them, in their order.`,
    );
}

const rowsText = (count: number) => (count === 1 ? 'one row' : `${count} rows`);

/**
 * A job's files, with the outcomes of its mended rows in the places of the rows that failed in an earlier output. That
 * keeps its order, its columns and its format. Failed rows of this job are the only ones left.
 */
export const withMerged =
  (find: FindFile, into: string, signal: AbortSignal): FindFile =>
  async (file) => {
    const found = await find(file);
    if (file !== 'output' || !found) return found;
    const { format, gzip } = formatIn(found.extension);
    const read = async (write: (chunks: Chunks) => Promise<void>) => {
      const directory = await mkdtemp(join(tmpdir(), 'spillway-'));
      const mended = join(directory, `mended${found.extension}`);
      try {
        await found.read((chunks) => writeWhole(mended, chunks, signal));
        const columns = await columnsOf(into, mended, format);
        const rows = merged(into, mended);
        await write(writeRows(rows, { format, gzip, ...(columns && { columns }) }));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    };
    return { ...found, read };
  };

const formatIn = (extension: string) => ({
  format: formatOfName(extension) ?? 'csv',
  gzip: extension.endsWith('.gz'),
});

async function* merged(into: string, mended: string): AsyncGenerator<Row[]> {
  const news = rowsIn(mended);
  try {
    for await (const row of rowsIn(into)) {
      if (!hasFailed(row)) yield [row];
      else {
        const { value, done } = await news.next();
        if (done)
          throw new UsageError(`${into} has changed meanwhile: more of its rows failed than were run.`);
        yield [value];
      }
    }
  } finally {
    await news.return();
  }
}

/** Those of the earlier output, then new ones, then the errors if some are left; undefined if each row has its own. */
async function columnsOf(into: string, mended: string, format: Format): Promise<string[] | undefined> {
  if (format === 'json' || format === 'jsonl') return undefined;
  const names = new Set<string>();
  let failing = false;
  for await (const row of rowsIn(into)) {
    for (const name of namesOf(row)) names.add(name);
    failing ||= codeOf(row) === cancelledCode;
  }
  for await (const row of rowsIn(mended)) {
    for (const name of namesOf(row)) names.add(name);
    failing ||= codeOf(row) !== '';
  }
  const errors: readonly string[] = errorColumns;
  return [...[...names].filter((name) => !errors.includes(name)), ...(failing ? errors : [])];
}

const codeOf = (row: Row) => String(valueIn(row, errorColumns[0]) ?? '');

const hasFailed = (row: Row) => !['', cancelledCode].includes(codeOf(row));

async function failedIn(file: string): Promise<number> {
  let failed = 0;
  for await (const row of rowsIn(file)) if (hasFailed(row)) failed += 1;
  return failed;
}

async function countIn(file: string, reading: Reading): Promise<number> {
  let rows = 0;
  for await (const batch of openRows(createReadStream(file), { ...reading, name: file }))
    rows += batch.rows.length;
  return rows;
}

async function* rowsIn(file: string): AsyncGenerator<Row, void> {
  for await (const { rows } of openRows(createReadStream(file), { name: file })) {
    for (const { row, value, problem } of rows) {
      if (problem) throw new UsageError(`Row ${row} of ${file} cannot be read: ${problem.message}`);
      yield value;
    }
  }
}
