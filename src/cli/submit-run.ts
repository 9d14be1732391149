import { createHash, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../client/api-error.ts';
import type { JobOutput, JobRequest, JobView } from '../client/contract.ts';
import { reasonOf } from '../client/reason.ts';
import { formatOfName } from '../core/formats/format.ts';
import { toJson } from '../core/json/text.ts';
import type { Connection } from './connection.ts';
import { contentHash, type InputFile } from './input-files.ts';
import { type RunNote, type RunRecord, runNote, type Submitted } from './run-note.ts';
import { type Refused, upload, uploadFolder } from './upload.ts';

/** How to read a file of rows: what the source of a job's request says besides its key. */
export type Reading = Omit<Extract<JobRequest['source'], { key: string }>, 'key'>;

/** A run that the user asked for. */
export interface RunRequest {
  workload: string;
  options: Record<string, unknown>;
  /** The part of the options that decides the results: with another pace, the job is the same. */
  decisive: unknown;
  /** A file of rows, or files that are items themselves. */
  input: InputFile | readonly InputFile[];
  /** How to read a file of rows. */
  reading: Reading;
  output: JobOutput;
  /** Path of the output, if there is one. */
  outputPath?: string;
  dataDir: string;
  /** Slices processed concurrently. The embedded service starts this many workers; any other gets it as a limit. */
  maxWorkers?: number;
  /** Start a new job, even if there is one for the same request. */
  again: boolean;
}

/** `known`: the job already existed. */
export interface SubmittedRun {
  job: JobView;
  note: RunNote;
  known: boolean;
  /** Files that could not be uploaded in this call. The job includes them nevertheless. */
  refused: readonly Refused[];
}

/**
 * Finds or creates the job for a request: the one that an earlier command created, however that command
 * ended, or a new one. The upload is recorded before the job is created, under a key derived from both, so a
 * crash in between cannot create a second job.
 */
export async function submitRun(
  connection: Connection,
  request: RunRequest,
  signal: AbortSignal,
): Promise<SubmittedRun> {
  const fingerprint = await identityOf(connection, request, signal);
  const note = runNote(request.dataDir, fingerprint);
  if (request.again) note.forget();
  await relink(connection, request, note);
  const found = await knownJob(connection, note);
  if (found) return { job: await adjusted(connection, request, note, found), known: true, refused: [], note };
  const before = note.read();
  if (before !== undefined) {
    try {
      const job = await create(connection, request, fingerprint, note, before);
      return { job: await adjusted(connection, request, note, job), known: true, refused: [], note };
    } catch (error) {
      // It was refused then as well, or the upload has expired in the meantime: it cannot have a job.
      if (!isRefused(error)) throw error;
    }
  }
  const { input } = request;
  const { key: sourceKey, refused } = isFile(input)
    ? { key: await upload(connection, input), refused: [] }
    : await uploadFolder(connection, folderOf(fingerprint, request), input);
  const missing = refused.map(({ name }) => name);
  const record = {
    sourceKey,
    ...(missing.length > 0 && { missing }),
    submitted: changeable(connection, request),
  };
  note.write(record);
  try {
    const job = await create(connection, request, fingerprint, note, record);
    return { job, known: false, refused, note };
  } catch (error) {
    // The next command may correct what was wrong.
    if (isRefused(error)) note.forget();
    throw error;
  }
}

/** Stays the same for a repeated command, which may have died on the way, but not if a new job is wanted. */
const folderOf = (fingerprint: string, { again }: RunRequest) =>
  again ? `run-${randomUUID()}` : `run-${fingerprint.slice(0, 32)}`;

/** Names the run: a job may get more rows than it was begun with, but fewer are another job. */
async function identityOf(connection: Connection, request: RunRequest, signal: AbortSignal): Promise<string> {
  const all = await fingerprintOf(connection, request, signal);
  const { limit } = changeable(connection, request);
  const before = runNote(request.dataDir, all).read();
  const fewer = before && limit !== undefined && limit < (before.submitted.limit ?? Number.POSITIVE_INFINITY);
  return fewer ? sha256([all, limit]) : all;
}

/** Hex. Changes with everything that changes the results; their pace, and where they go in what format, is no part. */
async function fingerprintOf(
  { identity }: Connection,
  { workload, decisive, input, reading }: RunRequest,
  signal: AbortSignal,
): Promise<string> {
  const about = isFile(input)
    ? [
        await contentHash(input.path, signal),
        reading.format ?? '',
        formatOfName(input.path) ?? '',
        ...(reading.encoding ? [reading.encoding] : []),
        ...howElse(reading),
      ]
    : [await contentsHash(input, signal)];
  return sha256([identity, workload, decisive, ...about]);
}

/** What else changes the items, but for their number, which may grow; nothing for a request that says nothing of it. */
function howElse({ format: _, encoding: __, limit: ___, ...others }: Reading): Reading[] {
  return Object.keys(others).length > 0 ? [others] : [];
}

const isFile = (input: RunRequest['input']): input is InputFile => 'path' in input;

/** For several files, includes their names. */
async function contentsHash(files: readonly InputFile[], signal: AbortSignal): Promise<string> {
  const hashes: [string, string][] = [];
  for (const { name, path } of files) {
    const hash = await contentHash(path, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      // It fails alone, when its turn comes.
      return reasonOf(error);
    });
    hashes.push([name, hash]);
  }
  return sha256(hashes);
}

const sha256 = (value: unknown) => createHash('sha256').update(toJson(value)).digest('hex');

/**
 * The content is the same, but the file may have been moved or touched since, and a job that continues must
 * find it.
 */
async function relink({ linkFile }: Connection, { input }: RunRequest, note: RunNote): Promise<void> {
  const { sourceKey } = note.read() ?? {};
  if (sourceKey === undefined) return;
  if (isFile(input)) await linkFile?.(sourceKey, resolve(input.path));
  else for (const { name, path } of input) await linkFile?.(sourceKey + name, resolve(path));
}

async function knownJob({ client }: Connection, note: RunNote): Promise<JobView | undefined> {
  const jobId = note.read()?.jobId;
  if (jobId === undefined) return undefined;
  try {
    return await client.getJob(jobId);
  } catch (error) {
    if (!isRefusal(error, 'JOB_NOT_FOUND')) throw error;
    // The service keeps jobs only for a limited time.
    note.forget();
    return undefined;
  }
}

async function create(
  { client }: Connection,
  { workload, reading, outputPath }: RunRequest,
  fingerprint: string,
  note: RunNote,
  record: RunRecord,
): Promise<JobView> {
  const { sourceKey, missing } = record;
  // As it was submitted first: the same key with another request is refused.
  const { limit, ...submitted } = record.submitted;
  const { limit: _, ...how } = reading;
  const body = {
    workload,
    source: sourceKey.endsWith('/')
      ? // A missing file fails alone, as an item like the others.
        { folders: [sourceKey], ...(missing && { keys: missing.map((name) => sourceKey + name) }) }
      : {
          key: sourceKey,
          ...how,
          ...(limit !== undefined && { limit }),
        },
    ...submitted,
  };
  const idempotencyKey = `spillway-${sha256([fingerprint, sourceKey])}`;
  const { body: job } = await client.createJob(body, { idempotencyKey });
  note.write({ ...record, jobId: job.jobId, ...(outputPath && { output: resolve(outputPath) }) });
  return job;
}

/** What may differ between two runs of the same job. The embedded service's processes are its workers. */
const changeable = (
  { embedded }: Connection,
  { options, output, maxWorkers, reading, input }: RunRequest,
): Submitted => ({
  ...(reading.limit !== undefined && isFile(input) && { limit: reading.limit }),
  options,
  output,
  ...(maxWorkers !== undefined && !embedded && { maxWorkers }),
});

/** A known job as this run wants it: going on, at its pace, with its output. A cancelled one only when it runs again. */
export async function adjusted(
  connection: Connection,
  request: RunRequest,
  note: RunNote,
  job: JobView,
): Promise<JobView> {
  const record = note.read();
  if (!record || job.status === 'cancelled') return job;
  const { outputPath } = request;
  const wanted = changeable(connection, request);
  const { submitted } = record;
  const { limit, ...others } = wanted;
  const more = limit === submitted.limit ? {} : { limit: limit ?? null };
  const sameOutput = isDeepStrictEqual(wanted.output, submitted.output) && limit === submitted.limit;
  const same = job.status === 'running' ? isDeepStrictEqual(wanted, submitted) && !job.held : sameOutput;
  const { jobId } = job;
  const adjust = ({ status }: JobView) =>
    connection.client.resumeJob(jobId, {
      ...(status === 'running' ? others : { output: wanted.output }),
      ...more,
    });
  const view = same
    ? job
    : await adjust(job).catch(async (error: unknown) => {
        if (!isRefusal(error, 'JOB_ENDED')) throw error;
        // It has ended in the meantime.
        const ended = await connection.client.getJob(jobId);
        return sameOutput ? ended : adjust(ended);
      });
  note.write({ ...record, submitted: wanted, ...(outputPath && { output: resolve(outputPath) }) });
  return view;
}

/** The service takes no such request. A conflict is with a job that exists. */
const isRefused = (error: unknown) => error instanceof ApiError && error.status < 500 && error.status !== 409;

const isRefusal = (error: unknown, code: string) => error instanceof ApiError && error.code === code;
