import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { reasonOf } from '../client/reason.ts';
import { type Format, fileType, formatOfName } from '../core/formats/format.ts';
import { UsageError } from './usage-error.ts';

/** A file that is to be worked through. */
export interface InputFile {
  path: string;
  bytes: number;
  /** As the service accepts names: the extension is the file's own. */
  name: string;
  contentType: string;
}

/** Throws a {@link UsageError} where there is no such file, or nothing in it. */
export function inputFile(path: string, format: Format | undefined): InputFile {
  const bytes = sizeOf(path);
  if (bytes === 0) throw new UsageError(`${path} is empty.`);
  const known = format ?? formatOfName(path) ?? 'csv';
  const contentType = fileType(known, path.toLowerCase().endsWith('.gz')).contentType.split(';')[0] ?? '';
  return { path, bytes, name: acceptedName(path), contentType };
}

function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return stats.size;
  } catch (error) {
    throw new UsageError(`The input cannot be read: ${reasonOf(error)}`);
  }
  throw new UsageError(`The input ${path} is not a file.`);
}

/** Letters, digits, `.`, `-` and `_`, at most 100, the end counting most. */
function acceptedName(path: string): string {
  return basename(path)
    .replace(/[^\w.-]/g, '_')
    .slice(-100)
    .replace(/^[.-]/, '_');
}

/** SHA-256 of the content in hex: whether it is the same file is not a matter of its name or date. */
export async function contentHash(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal });
  return hash.digest('hex');
}
