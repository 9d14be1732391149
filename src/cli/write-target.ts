import { createWriteStream, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { targetOf, unfinishedOf } from './target.ts';

export type Chunks = AsyncIterable<Uint8Array | string>;

/** Writes an output where it belongs: a file completely or not at all, a device, a pipe or standard output as it comes. */
export async function writeOutput(output: string, chunks: Chunks, signal: AbortSignal): Promise<void> {
  const { kind, path } = targetOf(output);
  if (kind === 'stdout') await pipeline(chunks, process.stdout, { signal, end: false });
  else if (kind === 'stream') await pipeline(chunks, createWriteStream(path), { signal });
  else await writeWhole(path, chunks, signal);
}

/** Writes a file completely or, on any failure, leaves it as it was. */
export async function writeWhole(path: string, chunks: Chunks, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = unfinishedOf(path);
  try {
    await pipeline(chunks, createWriteStream(unfinished, { flush: true }), { signal });
    await replace(path, unfinished);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Puts a file into the place of another, whose permissions and other names it keeps. */
export async function replace(path: string, by: string): Promise<void> {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before !== undefined) await chmod(by, before.mode);
  if (before === undefined || before.nlink === 1) await rename(by, path);
  else {
    await copyFile(by, path);
    await rm(by);
  }
}
