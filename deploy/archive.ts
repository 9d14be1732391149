import { createWriteStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { PackedFile } from './natives.ts';

/** Lambda refuses a larger package, unzipped. Source: AWS Lambda developer guide, "Lambda quotas". */
export const maxUnzippedBytes = 250 * 2 ** 20;

export interface Archive {
  path: string;
  zippedBytes: number;
  unzippedBytes: number;
}

/** The oldest time that a zip can hold, the same in any time zone. */
const noTime = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true };
/** Lambda's user must be able to read and load everything, regardless of permissions on this machine. */
const mode = 0o100755;

/**
 * Writes a zip that is the same, byte for byte, as long as its files are: a deployment can tell that nothing has
 * changed. Throws if Lambda would refuse it.
 */
export async function writeArchive(path: string, files: readonly PackedFile[]): Promise<Archive> {
  const zip = new ZipFile();
  let unzippedBytes = 0;
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = await readFile(file.source);
    unzippedBytes += content.length;
    zip.addBuffer(content, file.path, { mode, ...noTime });
  }
  zip.end();
  if (unzippedBytes > maxUnzippedBytes) {
    throw new Error(
      `${path} would unzip to ${unzippedBytes} bytes; Lambda takes at most ${maxUnzippedBytes}`,
    );
  }
  await mkdir(dirname(path), { recursive: true });
  await pipeline(zip.outputStream, createWriteStream(path));
  return { path, zippedBytes: (await stat(path)).size, unzippedBytes };
}
