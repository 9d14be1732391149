import { defineErrors, ItemError, type SpillwayErrorOptions } from '../../../core/engine/errors.ts';

export const photoErrors = defineErrors({
  PHOTO_NOT_FOUND: {
    retryable: false,
    meaning: 'There is no such URL, host or upload.',
    whatToDo: 'Correct the URL or the key.',
  },
  PHOTO_ADDRESS_FORBIDDEN: {
    retryable: false,
    meaning: 'The URL of the photo leads to an address that is not public.',
    whatToDo: 'Use a public address. On one machine, `SPILLWAY_ALLOW_ADDRESSES` permits others.',
  },
  PHOTO_URL_NOT_ALLOWED: {
    retryable: false,
    meaning:
      'The URL of the photo is not valid, or has a scheme, a port or credentials that are not accepted.',
    whatToDo: 'Use `https`, without credentials.',
  },
  PHOTO_REFUSED: {
    retryable: false,
    meaning: 'The host of the photo refuses the request, and would refuse it again.',
    whatToDo: 'Check that the photo can be read without logging in.',
  },
  PHOTO_BASE64_INVALID: {
    retryable: false,
    meaning: 'The photo is not valid base64.',
    whatToDo: 'Encode the photo again.',
  },
  PHOTO_EMPTY: {
    retryable: false,
    meaning: 'The photo has no bytes.',
    whatToDo: 'Send the photo again.',
  },
  PHOTO_TOO_LARGE: {
    retryable: false,
    meaning: 'The photo has too many bytes.',
    whatToDo: 'Send a smaller file.',
  },
  PHOTO_TOO_MANY_PIXELS: {
    retryable: false,
    meaning: 'The photo has too many pixels.',
    whatToDo: 'Scale the photo down.',
  },
  PHOTO_TIMED_OUT: {
    retryable: true,
    meaning: 'The photo did not arrive in time.',
    whatToDo: 'Retry the job, or use a faster host.',
  },
  PHOTO_DOWNLOAD_FAILED: {
    retryable: true,
    meaning: 'The connection broke, or the host of the photo failed.',
    whatToDo: 'Retry the job.',
  },
  PHOTO_NOT_AN_IMAGE: {
    retryable: false,
    meaning: 'The file is not an image.',
    whatToDo: 'Send a JPEG, PNG, WebP, AVIF or HEIC.',
  },
  PHOTO_UNSUPPORTED: {
    retryable: false,
    meaning: 'The image is of a kind that is not accepted.',
    whatToDo: 'Send a JPEG, PNG, WebP, AVIF or HEIC.',
  },
  PHOTO_TRUNCATED: {
    retryable: false,
    meaning: 'The end of the photo is missing.',
    whatToDo: 'Send the whole photo again.',
  },
  PHOTO_DAMAGED: {
    retryable: false,
    meaning: 'The photo cannot be decoded.',
    whatToDo: 'Save the photo again in an image editor.',
  },
});

export type PhotoErrorCode = keyof typeof photoErrors;

/** A photo cannot become a picture. */
export class PhotoError extends ItemError {
  declare readonly code: PhotoErrorCode;

  constructor(code: PhotoErrorCode, message: string, options: Omit<SpillwayErrorOptions, 'retryable'> = {}) {
    super(photoErrors[code], message, { cause: options.cause });
  }
}
