import { SpillwayError, type SpillwayErrorOptions } from '../engine/errors.ts';

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

/** A URL as it may be shown: without credentials, query and fragment, and not endless. */
export function printable(url: URL): string {
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
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

/** Whatever the resolver, the socket or the HTTP parser threw. */
export function failedConnection(url: URL, error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const shown = printable(url);
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    return new DownloadError('HOST_NOT_FOUND', `There is no host ${url.hostname}`, { cause: error });
  }
  if (/CERT|SIGNATURE/.test(code)) {
    return new DownloadError('CERTIFICATE_INVALID', `The certificate of ${url.host} is not valid (${code})`, {
      cause: error,
    });
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new DownloadError('TIMED_OUT', `${url.host} did not accept a connection in time`, {
      cause: error,
    });
  }
  return new DownloadError('CONNECTION_FAILED', `The connection for ${shown} failed${code && ` (${code})`}`, {
    cause: error,
  });
}
