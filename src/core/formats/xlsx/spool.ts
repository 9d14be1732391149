import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chunks } from '../bytes.ts';
import { FileError } from '../file-error.ts';
import { bytesAfterZip } from './zip-end.ts';

/** Bytes at the end of the file in which the end of the zip is searched: its comment may have 64 KiB. */
const tailBytes = 2 ** 20;

/**
 * Writes the file to the temporary directory, because a zip is read from its end, and leaves out what follows that end. The caller removes it.
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
    const tail = Buffer.alloc(Math.min(bytes, tailBytes));
    await file.read(tail, 0, tail.length, bytes - tail.length);
    await file.truncate(bytes - bytesAfterZip(tail));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}
