import { defineErrors, SpillwayError, type SpillwayErrorOptions } from '../engine/errors.ts';
import { type FaultKind, printable, type RequestFault } from './request-fault.ts';

export const downloadErrors = defineErrors({
  URL_INVALID: {
    retryable: false,
    meaning: 'The text is not a URL, or a redirect leads to something that is not one.',
    whatToDo: 'Correct the URL.',
  },
  URL_NOT_ALLOWED: {
    retryable: false,
    meaning: 'The URL has a scheme, a port or credentials that are not accepted.',
    whatToDo: 'Use `https`, without credentials, on the usual port or one above 1023.',
  },
  ADDRESS_FORBIDDEN: {
    retryable: false,
    meaning: 'The host is, or resolves to, an address that is not public.',
    whatToDo: 'Use a public address. On one machine, `SPILLWAY_ALLOW_ADDRESSES` permits others.',
  },
  HOST_NOT_FOUND: {
    retryable: false,
    meaning: 'No host has this name.',
    whatToDo: 'Correct the host name.',
  },
  CERTIFICATE_INVALID: {
    retryable: false,
    meaning: 'The TLS certificate of the host is not valid.',
    whatToDo: 'Renew the certificate, or use another host.',
  },
  CONNECTION_FAILED: {
    retryable: true,
    meaning: 'No connection could be made, or it broke before the end of the body.',
    whatToDo: 'Try again.',
  },
  TIMED_OUT: {
    retryable: true,
    meaning: 'The download took longer than it may.',
    whatToDo: 'Try again, or use a faster host.',
  },
  NOT_FOUND: {
    retryable: false,
    meaning: 'There is nothing at this URL (404 or 410).',
    whatToDo: 'Correct the URL.',
  },
  UPSTREAM_REFUSED: {
    retryable: false,
    meaning: 'The host refuses the request, and would refuse it again.',
    whatToDo: 'Check that the URL can be read without logging in.',
  },
  UPSTREAM_FAILED: {
    retryable: true,
    meaning: 'The host failed (408, 425, 429 or 5xx).',
    whatToDo: 'Try again later.',
  },
  TOO_MANY_REDIRECTS: {
    retryable: false,
    meaning: 'The URL redirects too often.',
    whatToDo: 'Use the URL at the end of the redirects.',
  },
  TOO_LARGE: {
    retryable: false,
    meaning: 'The body has more bytes than a download may have.',
    whatToDo: 'Make the file smaller.',
  },
});

export type DownloadErrorCode = keyof typeof downloadErrors;

/** A download failed. The message never holds a query string, since that may be a secret. */
export class DownloadError extends SpillwayError {
  declare readonly code: DownloadErrorCode;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;

  constructor(
    code: DownloadErrorCode,
    message: string,
    options: Omit<SpillwayErrorOptions, 'retryable'> & { status?: number } = {},
  ) {
    super(downloadErrors[code], message, { cause: options.cause });
    this.status = options.status;
  }
}

/** Statuses that a retry may change (RFC 9110; 425: RFC 8470; 429: RFC 6585). */
export function failedStatus(url: URL, status: number): DownloadError {
  const shown = printable(url);
  if (status === 404 || status === 410) {
    return new DownloadError('NOT_FOUND', `There is nothing at ${shown} (${status})`, { status });
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new DownloadError('UPSTREAM_FAILED', `${shown} failed with ${status}`, { status });
  }
  return new DownloadError('UPSTREAM_REFUSED', `${shown} answered with ${status}`, { status });
}

const codes: Readonly<Record<FaultKind, DownloadErrorCode>> = {
  'url-invalid': 'URL_INVALID',
  'url-not-allowed': 'URL_NOT_ALLOWED',
  'address-forbidden': 'ADDRESS_FORBIDDEN',
  'no-host': 'HOST_NOT_FOUND',
  'certificate-invalid': 'CERTIFICATE_INVALID',
  'connect-timeout': 'TIMED_OUT',
  'not-sent': 'CONNECTION_FAILED',
  broken: 'CONNECTION_FAILED',
  'timed-out': 'TIMED_OUT',
  'too-many-redirects': 'TOO_MANY_REDIRECTS',
  'too-large': 'TOO_LARGE',
  damaged: 'CONNECTION_FAILED',
};

/** Turns a fault into the error for the stranger who gave the URL. */
export const downloadErrorOf = ({ kind, message, cause }: RequestFault): DownloadError =>
  new DownloadError(codes[kind], message, { cause });
