import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError } from '../client/api-error.ts';
import type { Client } from '../client/client.ts';
import type { OutputFile } from '../client/contract.ts';

/** The local paths of a job's files. */
export interface Downloads {
  output?: string;
  /** The failed rows, ready to be sent again. */
  errors?: string;
  /** The workload's summary of the whole job. */
  summary?: string;
  /** The folder with the full texts of files. */
  texts?: string;
}

/**
 * Downloads a finished job's output, with its failed rows in `errors.<ext>` and its summary in `summary.json`
 * beside it.
 */
export async function downloadFiles(
  client: Client,
  jobId: string,
  output: string,
  signal: AbortSignal,
): Promise<Downloads> {
  const files: Downloads = {};
  for (const file of ['output', 'errors', 'summary'] as const) {
    const url = await linkTo(client, jobId, file);
    if (url === undefined) continue;
    // Failed rows have the input's format, which may differ from the output's.
    const extension = /\.\w+(?:\.gz)?$/.exec(new URL(url).pathname)?.[0] ?? '';
    const path = file === 'output' ? output : join(dirname(output), `${file}${extension}`);
    await download(client, url, path, signal);
    files[file] = path;
  }
  return files;
}

async function linkTo(client: Client, jobId: string, file: OutputFile): Promise<string | undefined> {
  try {
    return await client.getOutput(jobId, file);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'NO_SUCH_FILE') return undefined;
    throw error;
  }
}

/** Downloads the target of a link. */
export async function download(
  client: Client,
  url: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await client.download(url, ({ body }) =>
    writeWhole(path, body === null ? Readable.from([]) : Readable.fromWeb(body), signal),
  );
}

/** Writes a file completely or, on any failure, leaves it as it was. */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true });
  const unfinished = join(directory, `.${basename(path)}.unfinished`);
  try {
    await pipeline(chunks, createWriteStream(unfinished, { flush: true }), { signal });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
