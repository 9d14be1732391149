import { SpillwayError } from '../../core/engine/errors.ts';
import type { Downloader } from '../../core/http/download.ts';
import { DownloadError, type DownloadErrorCode } from '../../core/http/download-error.ts';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import { PhotoError, type PhotoErrorCode } from './pictures/photo-errors.ts';

/** Where a photo is: exactly one of the three. */
export interface PhotoSource {
  url?: string | undefined;
  /** An object that the tenant uploaded: `uploads/<tenant>/…`. */
  key?: string | undefined;
  /** The bytes themselves, bare or as a `data:` URL. */
  base64?: string | undefined;
}

export interface PhotoSourceDeps {
  downloader: Downloader;
  blobs: Blobs;
  tenant: string;
  /** Default: 20 MiB. */
  maxBytes?: number | undefined;
}

const DEFAULT_MAX_BYTES = 20 * 1024 ** 2;

/**
 * The bytes of a photo, whatever they are: its kind is told from them later. Throws a {@link PhotoError}; when
 * `signal` aborts, its reason.
 */
export async function loadPhoto(
  { url, key, base64 }: PhotoSource,
  deps: PhotoSourceDeps,
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  const maxBytes = deps.maxBytes ?? DEFAULT_MAX_BYTES;
  const photo = await (url !== undefined
    ? download(url, deps.downloader, signal)
    : key !== undefined
      ? read(key, deps.tenant, deps.blobs, maxBytes, signal)
      : decode(base64 ?? '', maxBytes));
  if (photo.length === 0) throw new PhotoError('PHOTO_EMPTY', 'The photo has no bytes');
  if (photo.length > maxBytes) throw tooLarge(maxBytes);
  return photo;
}

/** Several causes, one advice: what the caller can do about it is what a code is for. */
const CODES: Readonly<Record<DownloadErrorCode, PhotoErrorCode>> = {
  URL_INVALID: 'PHOTO_URL_NOT_ALLOWED',
  URL_NOT_ALLOWED: 'PHOTO_URL_NOT_ALLOWED',
  ADDRESS_FORBIDDEN: 'PHOTO_ADDRESS_FORBIDDEN',
  HOST_NOT_FOUND: 'PHOTO_NOT_FOUND',
  NOT_FOUND: 'PHOTO_NOT_FOUND',
  CERTIFICATE_INVALID: 'PHOTO_REFUSED',
  UPSTREAM_REFUSED: 'PHOTO_REFUSED',
  TOO_MANY_REDIRECTS: 'PHOTO_REFUSED',
  CONNECTION_FAILED: 'PHOTO_DOWNLOAD_FAILED',
  UPSTREAM_FAILED: 'PHOTO_DOWNLOAD_FAILED',
  TIMED_OUT: 'PHOTO_TIMED_OUT',
  TOO_LARGE: 'PHOTO_TOO_LARGE',
};

async function download(url: string, downloader: Downloader, signal: AbortSignal): Promise<Buffer> {
  try {
    return await downloader.download(url, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DownloadError)) throw error;
    throw new PhotoError(CODES[error.code], error.message, { cause: error });
  }
}

async function read(
  key: string,
  tenant: string,
  blobs: Blobs,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const notFound = () => new PhotoError('PHOTO_NOT_FOUND', `There is no upload with the key ${key}`);
  // The same answer as for a missing object: a key of another tenant does not exist.
  if (!key.startsWith(`uploads/${tenant}/`) || key.split('/').includes('..')) throw notFound();
  try {
    const photo = await blobs.get(key, { maxBytes, signal });
    if (photo === undefined) throw notFound();
    return photo;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SpillwayError && error.code === 'OBJECT_TOO_LARGE') throw tooLarge(maxBytes, error);
    // The store's trouble is not the photo's.
    throw error;
  }
}

/** Strict: every character must count. Line breaks, as MIME and `base64` write them, are let through. */
function decode(text: string, maxBytes: number): Buffer {
  const prefix = /^data:[^,]{0,200};base64,/i.exec(text)?.[0] ?? '';
  const trimmed = text.slice(prefix.length).trim();
  // A look at the first line decides: searching all of a large photo for line breaks would hold the event loop.
  const digits = /\s/.test(trimmed.slice(0, 200)) ? trimmed.replace(/\s+/g, '') : trimmed;
  const padding = digits.endsWith('==') ? 2 : digits.endsWith('=') ? 1 : 0;
  const bytes = Math.floor(((digits.length - padding) * 3) / 4);
  if (bytes > maxBytes) throw tooLarge(maxBytes);
  const photo = Buffer.from(digits, 'base64');
  // Node skips what is not base64, so the length gives away whether anything was. One digit alone makes no byte.
  if (photo.length !== bytes || (digits.length - padding) % 4 === 1) throw invalidBase64();
  return photo;
}

const invalidBase64 = () => new PhotoError('PHOTO_BASE64_INVALID', 'The photo is not valid base64');

const tooLarge = (maxBytes: number, cause?: unknown) =>
  new PhotoError('PHOTO_TOO_LARGE', `The photo has more than ${maxBytes} bytes`, { cause });
