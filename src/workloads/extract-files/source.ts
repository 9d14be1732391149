import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { postponedIn } from '../../core/engine/errors.ts';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import { ExtractError } from './extract-error.ts';

/** Larger files are refused unread. */
export const maxFileBytes = 50 * 2 ** 20;
/** Bytes to hash before other work gets a turn: a few milliseconds. */
const hashStep = 4 * 2 ** 20;

/**
 * Size of one of the tenant's own uploads, in bytes. Throws `FILE_NOT_FOUND` (also for another tenant's key, which
 * does not exist for this one), `FILE_TOO_LARGE` or, retryable, `FILE_READ_FAILED`; the signal's reason when it
 * aborts.
 */
export async function sizeOf(
  blobs: Blobs,
  tenant: string,
  key: string,
  signal: AbortSignal,
): Promise<number> {
  if (!key.startsWith(`uploads/${tenant}/`) || key.split('/').includes('..')) throw notFound(key);
  const bytes = await blobs.size(key, signal).catch((error) => {
    signal.throwIfAborted();
    throw postponedIn(error) ?? readFailed(key, error);
  });
  if (bytes === undefined) throw notFound(key);
  if (bytes > maxFileBytes) {
    throw new ExtractError('FILE_TOO_LARGE', `The file has more than ${maxFileBytes / 2 ** 20} MiB`);
  }
  return bytes;
}

/**
 * The bytes of an upload, of the size that {@link sizeOf} returned; an upload that has grown since is not read.
 * Throws `FILE_NOT_FOUND` or, retryable, `FILE_READ_FAILED`; the signal's reason when it aborts.
 */
export async function readFile(
  blobs: Blobs,
  key: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const bytes = await blobs.get(key, { maxBytes, signal }).catch((error) => {
    signal.throwIfAborted();
    throw postponedIn(error) ?? readFailed(key, error);
  });
  if (bytes === undefined) throw notFound(key);
  return bytes;
}

const notFound = (key: string) =>
  new ExtractError('FILE_NOT_FOUND', `There is no upload with the key ${key}`);
const readFailed = (key: string, cause: unknown) =>
  new ExtractError('FILE_READ_FAILED', `The upload ${key} could not be read`, { cause });

/** SHA-256 in hex, step by step: hashing a large file at once would block the event loop. */
export async function hashOf(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashStep) {
    if (at > 0) await turn();
    hash.update(bytes.subarray(at, at + hashStep));
  }
  return hash.digest('hex');
}

/** The bytes in their own buffer, which can be transferred to a thread; not copied if they already have one. */
export function transferable(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const own = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return own ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
