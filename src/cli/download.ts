import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError } from '../client/api-error.ts';
import type { Client } from '../client/client.ts';
import type { OutputFile } from '../client/contract.ts';

/** The files that a job has left, as paths here. */
export interface Downloads {
  output?: string;
  /** Rows that failed, fit to be sent again. */
  errors?: string;
  /** What the workload says of the job as a whole. */
  summary?: string;
  /** The folder of the whole texts of files. */
  texts?: string;
}

/**
 * Downloads a finished job's output, its failed rows into `errors.<ext>` and its summary into `summary.json`
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
    // Failed rows come as the input did, which need not be how the output is written.
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

/** Downloads what a link leads to. */
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

/** Writes a file that is there as a whole or, whatever happens, as it was before. */
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
