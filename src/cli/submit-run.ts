import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { ApiError } from '../client/api-error.ts';
import type { JobOutput, JobView } from '../client/contract.ts';
import { reasonOf } from '../client/reason.ts';
import type { Encoding } from '../core/formats/encoding.ts';
import { type Format, formatOfName } from '../core/formats/format.ts';
import type { Connection } from './connection.ts';
import { contentHash, type InputFile } from './input-files.ts';
import { type Refused, upload, uploadFolder } from './upload.ts';

/** What is to be done with a file. */
export interface RunRequest {
  workload: string;
  options: Record<string, unknown>;
  /** A file of rows, or files that are items themselves. */
  input: InputFile | readonly InputFile[];
  inputFormat?: Format;
  inputEncoding?: Encoding;
  output: JobOutput;
  dataDir: string;
  /** Slices at work at a time: the embedded service has that many workers, another is asked to keep to it. */
  maxWorkers?: number;
  /** A new job, even if there is one for the same request. */
  again: boolean;
}

/** `known`: the job was there before. */
export interface SubmittedRun {
  job: JobView;
  known: boolean;
  /** Files that could not be uploaded just now. The job has them nevertheless. */
  refused: readonly Refused[];
}

/**
 * The job for a request: the one that an earlier command has made, however that ended, or a new one. The upload is
 * noted before the job is asked for, under a key that both decide: so no crash in between makes a second job.
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
      // The upload has expired meanwhile: there cannot be a job for it.
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

/** The same for a command that is given again, which may have died on the way; not where a new job is wanted. */
const folderOf = (fingerprint: string, { again }: RunRequest) =>
  again ? `run-${randomUUID()}` : `run-${fingerprint.slice(0, 32)}`;

/** Hex. Changes with whatever changes the result. */
async function fingerprintOf(
  { identity }: Connection,
  { workload, options, input, inputFormat, inputEncoding, output }: RunRequest,
  signal: AbortSignal,
): Promise<string> {
  const about = isFile(input)
    ? [
        await contentHash(input.path, signal),
        inputFormat ?? '',
        formatOfName(input.path) ?? '',
        ...(inputEncoding ? [inputEncoding] : []),
      ]
    : [await contentsHash(input, signal)];
  return sha256([identity, workload, options, ...about, output]);
}

const isFile = (input: RunRequest['input']): input is InputFile => 'path' in input;

/** Of several files, with their names. */
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

const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** The content is the same, but the file may have been moved or touched since: a job that goes on must find it. */
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
    // Jobs are kept for a limited time.
    note.forget();
    return undefined;
  }
}

async function create(
  { client, embedded }: Connection,
  { workload, options, inputFormat, inputEncoding, output, maxWorkers }: RunRequest,
  fingerprint: string,
  note: RunNote,
  record: RunRecord,
): Promise<JobView> {
  const { sourceKey, missing } = record;
  const body = {
    workload,
    source: sourceKey.endsWith('/')
      ? // What is not there fails alone, as an item like the others.
        { folders: [sourceKey], ...(missing && { keys: missing.map((name) => sourceKey + name) }) }
      : {
          key: sourceKey,
          ...(inputFormat && { format: inputFormat }),
          ...(inputEncoding && { encoding: inputEncoding }),
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

/** What is known of a run: the upload, and the job once it was accepted. */
export type RunRecord = z.infer<typeof schema>;

/** Remembers a run beyond the process, so that the same command finds its job again. */
export interface RunNote {
  read(): RunRecord | undefined;
  /** Never seen half written, even after a crash. */
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
        // None, or none that can be used: then the run is a new one.
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
