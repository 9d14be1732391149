import { SpillwayError } from '../../core/engine/errors.ts';
import type { Downloader } from '../../core/http/download.ts';
import { DownloadError, type DownloadErrorCode } from '../../core/http/download-error.ts';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import { PhotoError, type PhotoErrorCode } from './pictures/photo-errors.ts';

/** Where a photo is: exactly one of the three fields. */
export interface PhotoSource {
  url?: string | undefined;
  /** An upload of the tenant: `uploads/<tenant>/…`. */
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
 * The bytes of a photo, in any format: its kind is detected later. Throws a {@link PhotoError}; when `signal`
 * aborts, its reason.
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

/** Several causes share a code: a code tells callers what they can do. */
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
  // Answers as for a missing object: another tenant's key does not exist for this one.
  if (!key.startsWith(`uploads/${tenant}/`) || key.split('/').includes('..')) throw notFound();
  try {
    const photo = await blobs.get(key, { maxBytes, signal });
    if (photo === undefined) throw notFound();
    return photo;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SpillwayError && error.code === 'OBJECT_TOO_LARGE') throw tooLarge(maxBytes, error);
    // A failure of the store is not the photo's fault.
    throw error;
  }
}

/** Strict: every character must count. Accepts line breaks, as MIME and `base64` write them. */
function decode(text: string, maxBytes: number): Buffer {
  const prefix = /^data:[^,]{0,200};base64,/i.exec(text)?.[0] ?? '';
  const trimmed = text.slice(prefix.length).trim();
  // The first line decides: searching all of a large photo for line breaks would block the event loop.
  const digits = /\s/.test(trimmed.slice(0, 200)) ? trimmed.replace(/\s+/g, '') : trimmed;
  const padding = digits.endsWith('==') ? 2 : digits.endsWith('=') ? 1 : 0;
  const bytes = Math.floor(((digits.length - padding) * 3) / 4);
  if (bytes > maxBytes) throw tooLarge(maxBytes);
  const photo = Buffer.from(digits, 'base64');
  // Node skips characters that are not base64, so the length shows whether there were any. A single digit makes no
  // byte.
  if (photo.length !== bytes || (digits.length - padding) % 4 === 1) throw invalidBase64();
  return photo;
}

const invalidBase64 = () => new PhotoError('PHOTO_BASE64_INVALID', 'The photo is not valid base64');

const tooLarge = (maxBytes: number, cause?: unknown) =>
  new PhotoError('PHOTO_TOO_LARGE', `The photo has more than ${maxBytes} bytes`, { cause });
