import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chunks } from '../bytes.ts';
import { FileError } from '../file-error.ts';
import { type ZipBounds, zipWithin } from './zip-end.ts';

/** Bytes at the end of the file in which the end of the zip is searched: its comment may have 64 KiB. */
const tailBytes = 2 ** 20;

/**
 * Writes the file to the temporary directory, because a zip is read from its end, and leaves out what surrounds the zip. The caller removes it.
 * Throws `FILE_TOO_LARGE` above `maxBytes`.
 */
export async function spool(
  chunks: Chunks,
  maxBytes: number,
): Promise<{ path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'spillway-xlsx-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  const path = join(directory, 'workbook.xlsx');
  try {
    await using file = await open(path, 'wx+');
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new FileError('FILE_TOO_LARGE', `The workbook is larger than ${maxBytes} bytes`, { maxBytes });
      }
      await file.writeFile(chunk);
    }
    const tail = await read(file, bytes - Math.min(bytes, tailBytes), bytes);
    await keep(file, zipWithin(await read(file, 0, 2), tail, bytes));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
  return bytes.subarray(0, bytesRead);
}

/** Leaves nothing in the file but what lies within the bounds. */
async function keep(file: FileHandle, { from, to }: ZipBounds): Promise<void> {
  for (let at = from; from > 0 && at < to; at += tailBytes) {
    const part = await read(file, at, Math.min(to, at + tailBytes));
    await file.write(part, 0, part.length, at - from);
  }
  await file.truncate(to - from);
}
