import { fileType } from '../../formats/format.ts';
import type { Row } from '../../formats/rows.ts';
import { writeRows } from '../../formats/write-rows.ts';
import type { JobOutput, JobState } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { leastPartBytes } from '../model/ports.ts';
import { familiesIn, inputColumns, outputColumns, rowsOf, type Wanted } from './outcome-rows.ts';

/** A file that is made of a job's outcomes. */
export interface OutputFile {
  name: 'output' | 'errors';
  type: JobOutput;
  wanted: Wanted;
}

/** How far a file is written: what its stored parts hold. */
export interface Writing {
  upload: string;
  tags: string[];
  families: number;
  rows: number;
}

/** What a writer is to keep to. */
export interface WriteControl {
  /** Aborts when the lease is over. */
  lost: AbortSignal;
  /** Records how far it has got, so that another one can go on there. */
  save(writing: Writing): Promise<void>;
  /** False when the budget has ended: what is written so far is handed on. */
  mayGoOn(): boolean;
}

/** Bytes. Of larger parts fewer fit the ten thousand that S3 takes; each is held in memory. */
const partBytes = Math.max(leastPartBytes, 8 * 2 ** 20);

/**
 * Writes a file, or goes on with it after `from`. Resolves to its key, or to undefined when it is to be handed on. Text is
 * written in parts of whole slices, so that anybody can go on after any of them; a workbook is written in one go.
 */
export async function writeOutputFile(
  jobs: JobsContext,
  state: JobState,
  { name, type, wanted }: OutputFile,
  from: Writing | undefined,
  control: WriteControl,
): Promise<string | undefined> {
  const { format, gzip = false } = type;
  const { extension, contentType } = fileType(format, gzip);
  const key = `jobs/${state.job.id}/${name}${extension}`;
  const columns = await columnsOf(jobs, state, { name, format });
  const options = { format, gzip, ...(columns && { columns }) };
  if (format === 'xlsx') {
    await jobs.blobs.write(key, writeRows(allRows(jobs, state, wanted, control.lost), options), contentType);
    return key;
  }
  const { blobs } = jobs;
  let { upload, tags, families, rows }: Partial<Writing> & Omit<Writing, 'upload'> = from ?? {
    tags: [],
    families: 0,
    rows: 0,
  };
  let chunks: Buffer[] = [];
  const add = async (some: readonly Row[], last: boolean) => {
    const piece = { rowsBefore: rows, last };
    for await (const chunk of writeRows([some], { ...options, piece })) chunks.push(chunk);
    rows += some.length;
  };
  let storing: Promise<void> | undefined;
  /** Stores what there is as the next part, when the one before it is stored. */
  const store = async (id: string) => {
    const part = Buffer.concat(chunks);
    const until = { families, rows };
    chunks = [];
    await storing;
    storing = (async () => {
      tags = [...tags, await blobs.putPart(key, id, tags, part)];
      await control.save({ upload: id, tags, ...until });
    })();
    storing.catch(() => {}); // Awaited by the next, or at the end.
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
  return key;
}

/** A table has the same columns in every row; JSON has each row with its own. */
async function columnsOf(
  jobs: JobsContext,
  state: JobState,
  { name, format }: Pick<OutputFile, 'name'> & Pick<JobOutput, 'format'>,
): Promise<string[] | undefined> {
  if (format === 'json' || format === 'jsonl') return undefined;
  return name === 'errors' ? inputColumns(jobs, state) : outputColumns(jobs, state);
}

async function* allRows(
  jobs: JobsContext,
  state: JobState,
  wanted: Wanted,
  lost: AbortSignal,
): AsyncGenerator<Row[]> {
  for await (const family of familiesIn(jobs, state, lost)) yield await rowsOf(jobs, family, wanted);
}
