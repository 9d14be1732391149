import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { ApiError } from '../client/api-error.ts';
import type { JobOutput, JobRequest, JobView } from '../client/contract.ts';
import { reasonOf } from '../client/reason.ts';
import { formatOfName } from '../core/formats/format.ts';
import { toJson } from '../core/json/text.ts';
import type { Connection } from './connection.ts';
import { contentHash, type InputFile } from './input-files.ts';
import { type Refused, upload, uploadFolder } from './upload.ts';

/** How to read a file of rows: what the source of a job's request says besides its key. */
export type Reading = Omit<Extract<JobRequest['source'], { key: string }>, 'key'>;

/** A run that the user asked for. */
export interface RunRequest {
  workload: string;
  options: Record<string, unknown>;
  /** A file of rows, or files that are items themselves. */
  input: InputFile | readonly InputFile[];
  /** How to read a file of rows. */
  reading: Reading;
  output: JobOutput;
  dataDir: string;
  /** Slices processed concurrently. The embedded service starts this many workers; any other gets it as a limit. */
  maxWorkers?: number;
  /** Start a new job, even if there is one for the same request. */
  again: boolean;
}

/** `known`: the job already existed. */
export interface SubmittedRun {
  job: JobView;
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
  const fingerprint = await fingerprintOf(connection, request, signal);
  const note = runNote(request.dataDir, fingerprint);
  if (request.again) note.forget();
  await relink(connection, request, note);
  const known = await knownJob(connection, note);
  if (known) return { job: known, known: true, refused: [] };
  const before = note.read();
  if (before !== undefined) {
    try {
      return { job: await create(connection, request, fingerprint, note, before), known: true, refused: [] };
    } catch (error) {
      // The upload has expired in the meantime, so it cannot have a job.
      if (!isAbsent(error, 'SOURCE_NOT_FOUND')) throw error;
    }
  }
  const { input } = request;
  const { key: sourceKey, refused } = isFile(input)
    ? { key: await upload(connection, input), refused: [] }
    : await uploadFolder(connection, folderOf(fingerprint, request), input);
  const missing = refused.map(({ name }) => name);
  const record = { sourceKey, ...(missing.length > 0 && { missing }) };
  note.write(record);
  return { job: await create(connection, request, fingerprint, note, record), known: false, refused };
}

/** Stays the same for a repeated command, which may have died on the way, but not if a new job is wanted. */
const folderOf = (fingerprint: string, { again }: RunRequest) =>
  again ? `run-${randomUUID()}` : `run-${fingerprint.slice(0, 32)}`;

/** Hex. Changes with everything that changes the result. */
async function fingerprintOf(
  { identity }: Connection,
  { workload, options, input, reading, output }: RunRequest,
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
  return sha256([identity, workload, options, ...about, output]);
}

/** What else changes the items; nothing for a request that says nothing of it. */
function howElse({ format: _, encoding: __, ...others }: Reading): Reading[] {
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
    if (!isAbsent(error, 'JOB_NOT_FOUND')) throw error;
    // The service keeps jobs only for a limited time.
    note.forget();
    return undefined;
  }
}

async function create(
  { client, embedded }: Connection,
  { workload, options, reading, output, maxWorkers }: RunRequest,
  fingerprint: string,
  note: RunNote,
  record: RunRecord,
): Promise<JobView> {
  const { sourceKey, missing } = record;
  const body = {
    workload,
    source: sourceKey.endsWith('/')
      ? // A missing file fails alone, as an item like the others.
        { folders: [sourceKey], ...(missing && { keys: missing.map((name) => sourceKey + name) }) }
      : {
          key: sourceKey,
          ...reading,
        },
    output,
    options,
    ...(maxWorkers !== undefined && !embedded && { maxWorkers }),
  };
  const idempotencyKey = `spillway-${sha256([fingerprint, sourceKey])}`;
  const { body: job } = await client.createJob(body, { idempotencyKey });
  note.write({ ...record, jobId: job.jobId });
  return job;
}

const isAbsent = (error: unknown, code: string) => error instanceof ApiError && error.code === code;

const schema = z.object({
  sourceKey: z.string(),
  /** Files of a folder that were not uploaded. */
  missing: z.array(z.string()).optional(),
  jobId: z.string().optional(),
});

/** The record of a run: the upload, and the job once it was accepted. */
export type RunRecord = z.infer<typeof schema>;

/** Remembers a run beyond the process, so that the same command finds its job again. */
export interface RunNote {
  read(): RunRecord | undefined;
  /** Atomic: no reader sees it half written, even after a crash. */
  write(record: RunRecord): void;
  forget(): void;
}

export function runNote(dataDir: string, fingerprint: string): RunNote {
  const file = join(dataDir, 'runs', `${fingerprint}.json`);
  return {
    read: () => {
      try {
        return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch {
        // There is no usable record, so the run is new.
        return undefined;
      }
    },
    write: (record) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(record), { flush: true });
      renameSync(`${file}.new`, file);
    },
    forget: () => rmSync(file, { force: true }),
  };
}
