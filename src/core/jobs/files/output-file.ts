import { withNames, xlsxMaxColumns } from '../../formats/columns.ts';
import { fileType } from '../../formats/format.ts';
import type { Row } from '../../formats/rows.ts';
import { type Warning, warning } from '../../formats/warning.ts';
import { writeRows } from '../../formats/write-rows.ts';
import type { JobOutput, JobState } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { leastPartBytes } from '../model/ports.ts';
import { type LeftOut, LeftOutValues, warningOf } from './left-out.ts';
import { familiesIn, inputColumns, outputColumns, rowsOf, type Wanted } from './outcome-rows.ts';

/** A file made from a job's outcomes. */
export interface OutputFile {
  name: 'output' | 'errors';
  type: JobOutput;
  wanted: Wanted;
}

/** Progress of a file: what its stored parts hold. */
export interface Writing {
  upload: string;
  tags: string[];
  families: number;
  rows: number;
  leftOut?: LeftOut;
}

/** A finished file. */
export interface Written {
  key: string;
  /** What its user should know of it. */
  warnings: readonly Warning[];
}

/** What a writer must observe. */
export interface WriteControl {
  /** Aborts when the lease is over. */
  lost: AbortSignal;
  /** Records the progress, so that another worker can continue from there. */
  save(writing: Writing): Promise<void>;
  /** False when the budget has ended: the writer then hands on what it has written. */
  mayGoOn(): boolean;
}

/** Bytes per part. Larger parts allow larger files, as S3 takes ten thousand parts, but each part is held in memory. */
const partBytes = Math.max(leastPartBytes, 8 * 2 ** 20);

/**
 * Writes a file, or continues it after `from`. Resolves to undefined if it must be handed on. Text is
 * written in parts of whole slices, so that any worker can continue after any part; a workbook is written in one go.
 */
export async function writeOutputFile(
  jobs: JobsContext,
  state: JobState,
  { name, type, wanted }: OutputFile,
  from: Writing | undefined,
  control: WriteControl,
): Promise<Written | undefined> {
  const { format, gzip = false, bom = false, escapeFormulas = false } = type;
  const { extension, contentType } = fileType(format, gzip);
  const key = `jobs/${state.job.id}/${name}${extension}`;
  const columns = await columnsOf(jobs, state, { name, format });
  const options = { format, gzip, bom, escapeFormulas, ...(columns && { columns }) };
  const left = columns && new LeftOutValues(columns, from?.leftOut);
  if (format === 'xlsx') {
    await jobs.blobs.write(
      key,
      await begun(writeRows(allRows(jobs, state, wanted, control.lost, left), options)),
      contentType,
    );
    return { key, warnings: warningsOf(name, columns, left) };
  }
  const { blobs } = jobs;
  let { upload, tags, families, rows }: Partial<Writing> & Omit<Writing, 'upload'> = from ?? {
    tags: [],
    families: 0,
    rows: 0,
  };
  let chunks: Buffer[] = [];
  const add = async (some: readonly Row[], last: boolean) => {
    left?.add(some);
    const piece = { rowsBefore: rows, last };
    for await (const chunk of writeRows([some], { ...options, piece })) chunks.push(chunk);
    rows += some.length;
  };
  let storing: Promise<void> | undefined;
  /** Stores the pending chunks as the next part, once the part before it is stored. */
  const store = async (id: string) => {
    const part = Buffer.concat(chunks);
    const leftOut = left?.soFar;
    const until = { families, rows, ...(leftOut && { leftOut }) };
    chunks = [];
    await storing;
    storing = (async () => {
      tags = [...tags, await blobs.putPart(key, id, tags, part)];
      await control.save({ upload: id, tags, ...until });
    })();
    storing.catch(() => {}); // Awaited before the next part, or at the end.
  };
  for await (const family of familiesIn(jobs, state, control.lost, families)) {
    await add(await rowsOf(jobs, family, wanted), false);
    families += 1;
    if (chunks.reduce((sum, { length }) => sum + length, 0) < partBytes) continue;
    upload ??= await blobs.beginParts(key, contentType);
    await store(upload);
    if (control.mayGoOn()) continue;
    await storing;
    return undefined;
  }
  await add([], true);
  if (upload === undefined) await blobs.put(key, Buffer.concat(chunks), contentType);
  else {
    if (chunks.length > 0) await store(upload);
    await storing;
    await blobs.endParts(key, upload, tags);
  }
  return { key, warnings: warningsOf(name, columns, left) };
}

function warningsOf(
  name: OutputFile['name'],
  columns: readonly string[] = [],
  left: LeftOutValues | undefined,
): Warning[] {
  const warnings = left?.soFar ? [warningOf(name, left.soFar)] : [];
  withNames(columns, (_, called) => {
    const message = `A column without a name is called "${called}" in the ${name} file`;
    warnings.push(warning('COLUMN_NAMED', message));
  });
  return warnings;
}

/** The columns of a table, the same in every row; undefined for JSON, where each row has its own. */
async function columnsOf(
  jobs: JobsContext,
  state: JobState,
  { name, format }: Pick<OutputFile, 'name'> & Pick<JobOutput, 'format'>,
): Promise<string[] | undefined> {
  if (format === 'json' || format === 'jsonl') return undefined;
  // Rather without the reasons than no file at all.
  const most = format === 'xlsx' ? xlsxMaxColumns : Number.POSITIVE_INFINITY;
  return name === 'errors' ? inputColumns(jobs, state, most) : outputColumns(jobs, state, most);
}

/**
 * The chunks, once the first of them is made: columns that the format does not take throw their own error here, and not
 * what an upload makes of it.
 */
async function begun(
  chunks: AsyncGenerator<Buffer, void, void>,
): Promise<AsyncGenerator<Buffer, void, void>> {
  const first = await chunks.next();
  return (async function* () {
    if (!first.done) yield first.value;
    yield* chunks;
  })();
}

async function* allRows(
  jobs: JobsContext,
  state: JobState,
  wanted: Wanted,
  lost: AbortSignal,
  left: LeftOutValues | undefined,
): AsyncGenerator<Row[]> {
  for await (const family of familiesIn(jobs, state, lost)) {
    const rows = await rowsOf(jobs, family, wanted);
    left?.add(rows);
    yield rows;
  }
}
