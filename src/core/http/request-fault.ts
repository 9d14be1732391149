/** What can go wrong with a request before the whole answer has arrived. The caller decides what it means. */
export type FaultKind =
  /** Not a URL at all, or a redirect to something that is not one. */
  | 'url-invalid'
  /** A scheme, port or credentials that are not accepted. */
  | 'url-not-allowed'
  /** The host is, or resolves to, a forbidden address. */
  | 'address-forbidden'
  | 'no-host'
  | 'certificate-invalid'
  /** No connection in time: nothing was sent. */
  | 'connect-timeout'
  /** No connection: nothing was sent. */
  | 'not-sent'
  /** The connection broke. */
  | 'broken'
  /** The policy's time ran out, in any phase. */
  | 'timed-out'
  | 'too-many-redirects'
  | 'too-large'
  /** The compressed body cannot be unpacked. */
  | 'damaged';

/**
 * A request failed. `message` may be shown to the person who gave the URL: it has no query string, which may
 * be a secret.
 */
export class RequestFault extends Error {
  readonly kind: FaultKind;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** From the resolver, the socket or the HTTP parser. */
  readonly systemCode: string | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    { status, systemCode, cause }: { status?: number; systemCode?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'RequestFault';
    this.kind = kind;
    this.status = status;
    this.systemCode = systemCode;
  }
}

/** A URL that is safe to display: without credentials, query and fragment, and shortened. */
export function printable(url: URL): string {
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}

export const forbidden = (host: string) =>
  new RequestFault('address-forbidden', `${host} is not a public address`);

export const noHost = (host: string, more?: { systemCode: string; cause: unknown }) =>
  new RequestFault('no-host', `There is no host ${host}`, more);

/** Errors before the first byte was sent, apart from those with their own kind. */
const notSent: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN']);

/** Classifies any error of the resolver, the socket or the HTTP parser. */
export function connectionFault(url: URL, error: unknown): RequestFault {
  if (error instanceof RequestFault) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const more = { systemCode: code, cause: error };
  if (code === 'ENOTFOUND' || code === 'ENODATA') return noHost(url.hostname, more);
  if (/CERT|SIGNATURE/.test(code)) {
    const message = `The certificate of ${url.host} is not valid (${code})`;
    return new RequestFault('certificate-invalid', message, more);
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new RequestFault('connect-timeout', `${url.host} did not accept a connection in time`, more);
  }
  const message = `The connection to ${printable(url)} failed${code && ` (${code})`}`;
  return new RequestFault(notSent.has(code) ? 'not-sent' : 'broken', message, more);
}
