import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { SpillwayError } from '../../engine/errors.ts';
import type { Blobs } from '../../jobs/ports.ts';
import { ExtractError } from './extract-error.ts';

/** Larger files are refused unread. */
export const maxFileBytes = 50 * 2 ** 20;
/** Bytes that are hashed before others get a turn: some milliseconds. */
const hashStep = 4 * 2 ** 20;

/**
 * The bytes of an upload of the tenant's own. Throws `FILE_NOT_FOUND` (also for a key of another tenant: that does not
 * exist), `FILE_TOO_LARGE`, `FILE_EMPTY` or, retryable, `FILE_READ_FAILED`; the signal's reason when it aborts.
 */
export async function readFile(
  blobs: Blobs,
  tenant: string,
  key: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const notFound = () => new ExtractError('FILE_NOT_FOUND', `There is no upload with the key ${key}`);
  if (!key.startsWith(`uploads/${tenant}/`) || key.split('/').includes('..')) throw notFound();
  try {
    const bytes = await blobs.get(key, { maxBytes: maxFileBytes, signal });
    if (bytes === undefined) throw notFound();
    return bytes;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ExtractError) throw error;
    if (error instanceof SpillwayError && error.code === 'OBJECT_TOO_LARGE') throw tooLarge(error);
    throw new ExtractError('FILE_READ_FAILED', `The upload ${key} could not be read`, { cause: error });
  }
}

export const tooLarge = (cause?: unknown) =>
  new ExtractError('FILE_TOO_LARGE', `The file has more than ${maxFileBytes / 2 ** 20} MiB`, { cause });

/** SHA-256 in hex. Step by step: all of a large file at once would hold the event loop. */
export async function hashOf(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashStep) {
    if (at > 0) await turn();
    hash.update(bytes.subarray(at, at + hashStep));
  }
  return hash.digest('hex');
}

/** The bytes in a buffer of their own, which can go over to a thread; without a copy if they are in one. */
export function transferable(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const own = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return own ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
