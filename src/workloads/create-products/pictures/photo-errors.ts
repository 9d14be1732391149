import { ItemError, type SpillwayErrorOptions } from '../../../core/engine/errors.ts';

export type PhotoErrorCode =
  /** No such URL, host or object. */
  | 'PHOTO_NOT_FOUND'
  | 'PHOTO_ADDRESS_FORBIDDEN'
  | 'PHOTO_URL_NOT_ALLOWED'
  /** The photo's server refuses, in a way that will stay the same. */
  | 'PHOTO_REFUSED'
  | 'PHOTO_BASE64_INVALID'
  | 'PHOTO_EMPTY'
  /** Too many bytes. */
  | 'PHOTO_TOO_LARGE'
  /** Too many pixels. */
  | 'PHOTO_TOO_MANY_PIXELS'
  | 'PHOTO_TIMED_OUT'
  | 'PHOTO_DOWNLOAD_FAILED'
  | 'PHOTO_NOT_AN_IMAGE'
  /** An image, but of a kind that is not accepted. */
  | 'PHOTO_UNSUPPORTED'
  /** The end is missing. */
  | 'PHOTO_TRUNCATED'
  /** The bytes are all there, but do not decode. */
  | 'PHOTO_DAMAGED';

const RETRYABLE: ReadonlySet<PhotoErrorCode> = new Set(['PHOTO_TIMED_OUT', 'PHOTO_DOWNLOAD_FAILED']);

/** One photo cannot be made into a picture. */
export class PhotoError extends ItemError {
  declare readonly code: PhotoErrorCode;

  constructor(code: PhotoErrorCode, message: string, options: Omit<SpillwayErrorOptions, 'retryable'> = {}) {
    super(code, message, { cause: options.cause, retryable: RETRYABLE.has(code) });
  }
}
