import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Format, fileType, formatOfName } from '../core/formats/format.ts';
import { plainReason } from './plain-reason.ts';
import { UsageError } from './usage-error.ts';

/** A file to process. */
export interface InputFile {
  path: string;
  bytes: number;
  /** A name that the service accepts, with the file's own extension. */
  name: string;
  contentType: string;
}

/** Throws a {@link UsageError} if the file does not exist or is empty. */
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
    throw new UsageError(`The input cannot be read: ${plainReason(error)}`);
  }
  throw new UsageError(`The input ${path} is not a file${isFolder(path) ? ', but a folder' : ''}.`);
}

/** Letters, digits, `.`, `-` and `_`, at most 100; a longer name keeps its end. */
function acceptedName(path: string): string {
  return basename(path)
    .replace(/[^\w.-]/g, '_')
    .slice(-100)
    .replace(/^[.-]/, '_');
}

/** SHA-256 of the content in hex. A file's name and date do not show whether it is the same file. */
export async function contentHash(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal });
  return hash.digest('hex');
}

/** The content types that the service accepts, by file extension. */
const contentTypes: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.pptx': 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.ods': 'application/vnd.oasis.opendocument.spreadsheet',
  '.odp': 'application/vnd.oasis.opendocument.presentation',
  '.epub': 'application/epub+zip',
  '.rtf': 'application/rtf',
  '.eml': 'message/rfc822',
  '.mht': 'message/rfc822',
  '.mhtml': 'message/rfc822',
  '.html': 'text/html',
  '.htm': 'text/html',
  '.md': 'text/markdown',
  '.csv': 'text/csv',
  '.tsv': 'text/csv',
};
const maxFiles = 10_000;

/**
 * Finds files that are items themselves: the given files, and all files in the given folders and their
 * subfolders. Names each by its path from the folder on. Skips hidden and empty files, and anything that is
 * not a file, in a folder. Throws a {@link UsageError}.
 */
export function inputFiles(paths: readonly string[]): InputFile[] {
  const found = new Map<string, InputFile>();
  for (const path of paths) {
    for (const [file, name] of filesIn(path)) {
      const accepted = acceptedPath(name);
      const contentType = contentTypes[extname(name).toLowerCase()] ?? 'text/plain';
      const before = found.get(accepted);
      if (before) throw new UsageError(`${before.path} and ${file} would both be called ${accepted}.`);
      found.set(accepted, { ...inputFile(file, undefined), name: accepted, contentType });
      if (found.size > maxFiles) throw new UsageError(`There are more than ${maxFiles} files.`);
    }
  }
  if (found.size === 0) throw new UsageError('There are no files in the input.');
  return [...found.values()];
}

function* filesIn(path: string): Generator<[path: string, name: string]> {
  if (!isFolder(path)) {
    yield [path, basename(path)];
    return;
  }
  const above = resolve(path, '..');
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  for (const entry of entries.sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const file = join(entry.parentPath, entry.name);
    const hidden = relative(path, file)
      .split(/[\\/]/)
      .some((step) => step.startsWith('.'));
    if (entry.isFile() && !hidden && statSync(file).size > 0) yield [file, relative(above, resolve(file))];
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new UsageError(`The input cannot be read: ${plainReason(error)}`);
  }
}

/** Makes a path that the service accepts. A long segment keeps its end, which holds the extension. */
export function acceptedPath(path: string): string {
  return path
    .normalize('NFC')
    .split(/[\\/]/)
    .map((step) =>
      step
        .replace(/[^\p{L}\p{N}\p{M} _.()&+,'@=~-]/gu, '_')
        .slice(-100)
        .replace(/^[^\p{L}\p{N}_]/u, '_'),
    )
    .join('/');
}
