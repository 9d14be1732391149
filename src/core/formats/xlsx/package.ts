import type { Readable } from 'node:stream';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import { checkExpansion } from '../bytes.ts';
import { FileError } from '../file-error.ts';
import type { ReadLimits } from '../options.ts';
import { checkedPart } from './checked-part.ts';
import { zipWithin } from './zip-end.ts';

/** A workbook has a few dozen, plus a few for each sheet. */
const maxParts = 10_000;

/** The parts of a workbook, by their paths. */
export interface Package {
  has(path: string): boolean;
  /** Throws `NOT_A_WORKBOOK` if there is no such part. */
  open(path: string): Promise<Readable>;
  close(): void;
}

/**
 * Opens the zip, in a file or in memory; only in memory, other bytes may surround it. Throws `NOT_A_WORKBOOK`, `WORKBOOK_ENCRYPTED`,
 * `MACROS_NOT_ACCEPTED`, or `DECOMPRESSION_BOMB` based on the sizes that the zip states (yauzl enforces
 * them).
 */
export async function openPackage(source: string | Buffer, limits: ReadLimits): Promise<Package> {
  let zip: ZipFile;
  try {
    const options = { autoClose: false, lazyEntries: true };
    zip = await (typeof source === 'string'
      ? openPromise(source, options)
      : fromBufferPromise(zipIn(source), options));
  } catch (error) {
    throw damaged(error);
  }
  try {
    const entries = await readEntries(zip, limits);
    return {
      has: (name) => entries.has(name.toLowerCase()),
      async open(name) {
        const entry = entries.get(name.toLowerCase());
        if (!entry) throw new FileError('NOT_A_WORKBOOK', `The workbook has no part ${name}`);
        const part = await zip.openReadStreamPromise(entry).catch((error: unknown) => {
          throw damaged(error);
        });
        return checkedPart(part, entry);
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error instanceof FileError ? error : damaged(error);
  }
}

function zipIn(file: Buffer): Buffer {
  const { from, to } = zipWithin(file, file, file.length);
  return file.subarray(from, to);
}

async function readEntries(zip: ZipFile, limits: ReadLimits): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  let into = 0;
  let out = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.toLowerCase();
    if (/(^|\/)vbaproject\.bin$|^xl\/macrosheets\//.test(name)) {
      throw new FileError('MACROS_NOT_ACCEPTED', 'The workbook has macros: save it as .xlsx without them');
    }
    if (entry.isEncrypted()) throw new FileError('WORKBOOK_ENCRYPTED', 'The workbook is encrypted');
    into += entry.compressedSize;
    out += entry.uncompressedSize;
    checkExpansion(entry.compressedSize, entry.uncompressedSize, limits);
    checkExpansion(into, out, limits);
    entries.set(name, entry);
    if (entries.size > maxParts) throw damaged(undefined);
  }
  return entries;
}

export function damaged(cause: unknown): FileError {
  return new FileError(
    'NOT_A_WORKBOOK',
    'The file is not a readable Excel workbook (.xlsx)',
    undefined,
    cause,
  );
}
