import { SpillwayError, type SpillwayErrorOptions } from '../engine/errors.ts';
import { type FaultKind, printable, type RequestFault } from './request-fault.ts';

export type DownloadErrorCode =
  /** Not a URL at all, or a redirect to something that is none. */
  | 'URL_INVALID'
  /** A scheme, a port or credentials that are not accepted. */
  | 'URL_NOT_ALLOWED'
  /** The host is, or resolves to, an address that is not public. */
  | 'ADDRESS_FORBIDDEN'
  | 'HOST_NOT_FOUND'
  | 'CERTIFICATE_INVALID'
  /** No connection, or one that broke before the body's end. Retryable. */
  | 'CONNECTION_FAILED'
  /** The total time ran out, in whichever phase. Retryable. */
  | 'TIMED_OUT'
  /** 404 or 410. */
  | 'NOT_FOUND'
  /** Any other answer that will stay the same. */
  | 'UPSTREAM_REFUSED'
  /** 408, 425, 429 or 5xx. Retryable. */
  | 'UPSTREAM_FAILED'
  | 'TOO_MANY_REDIRECTS'
  | 'TOO_LARGE';

const RETRYABLE: ReadonlySet<DownloadErrorCode> = new Set([
  'CONNECTION_FAILED',
  'TIMED_OUT',
  'UPSTREAM_FAILED',
]);

/** A download failed. The message never holds a query string, since that may be a secret. */
export class DownloadError extends SpillwayError {
  declare readonly code: DownloadErrorCode;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(
    code: DownloadErrorCode,
    message: string,
    options: Omit<SpillwayErrorOptions, 'retryable'> & { status?: number } = {},
  ) {
    super(code, message, { cause: options.cause, retryable: RETRYABLE.has(code) });
    this.status = options.status;
  }
}

/** Statuses that a second try may change (RFC 9110; 425: RFC 8470; 429: RFC 6585). */
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

/** What a fault means to the stranger whose URL it was. */
export const downloadErrorOf = ({ kind, message, cause }: RequestFault): DownloadError =>
  new DownloadError(codes[kind], message, { cause });
