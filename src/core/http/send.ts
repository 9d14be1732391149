import type { Clock } from '../engine/clock.ts';
import type { AddressGuard } from './addresses.ts';
import { guardedRequests, type Reply } from './guarded-request.ts';
import { type FaultKind, RequestFault } from './request-fault.ts';
import { UpstreamError, type UpstreamErrorCode } from './upstream-error.ts';
import type { Answer } from './verdict.ts';

/** One HTTP request. */
export interface Exchange {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
}

/** Connections that stay open and are reused. */
export interface Connections {
  /** Throws an {@link UpstreamError}; when `signal` aborts, its reason. */
  send(exchange: Exchange, signal: AbortSignal): Promise<Answer>;
  /** Resolves when running calls have ended and all sockets are closed. */
  close(): Promise<void>;
}

/** Gives up on a connection after this, in milliseconds. */
const connectMs = 5_000;

export interface ConnectionsOptions {
  /** The upstream's name, for errors. */
  name: string;
  /** For the whole exchange: connecting, sending, and reading the answer to its last byte. */
  timeoutMs: number;
  /** Largest accepted answer in bytes, also after decompression. */
  maxAnswerBytes: number;
  clock: Clock;
  /** Default: any address is allowed. */
  addresses?: AddressGuard;
  /** Default: `JSON.parse`. */
  parse?(text: string): unknown;
}

export function openConnections(options: ConnectionsOptions): Connections {
  const { timeoutMs, maxAnswerBytes, clock, addresses, parse = JSON.parse } = options;
  const requests = guardedRequests(
    {
      ...(addresses && { addresses }),
      // The code that accepted the URL has already decided whether http is allowed.
      allowHttp: true,
      ...{ timeoutMs, connectMs, maxBytes: maxAnswerBytes },
      gzip: true,
      // The slots decide how many calls run concurrently; a queue for connections would only hide it.
      connections: { connections: null, pipelining: 1 },
    },
    { clock },
  );
  return {
    async send(exchange, signal) {
      try {
        return answerOf(await requests.within(signal, (ask) => ask(exchange)), parse);
      } catch (error) {
        throw error instanceof RequestFault ? upstreamErrorOf(error, options) : error;
      }
    },
    close: () => requests.close(),
  };
}

const codes: Readonly<Record<FaultKind, UpstreamErrorCode>> = {
  'url-invalid': 'ADDRESS_FORBIDDEN',
  'url-not-allowed': 'ADDRESS_FORBIDDEN',
  'address-forbidden': 'ADDRESS_FORBIDDEN',
  'no-host': 'HOST_NOT_FOUND',
  'certificate-invalid': 'CONNECTION_FAILED',
  'connect-timeout': 'UNREACHABLE',
  'not-sent': 'UNREACHABLE',
  broken: 'CONNECTION_FAILED',
  'timed-out': 'TIMED_OUT',
  'too-many-redirects': 'UPSTREAM_FAILED',
  'too-large': 'ANSWER_TOO_LARGE',
  damaged: 'UPSTREAM_FAILED',
};

/** Does not name the URL, which may hold a key. Whoever shows the message puts the upstream's name before it. */
function upstreamErrorOf(
  fault: RequestFault,
  { name, timeoutMs, maxAnswerBytes }: ConnectionsOptions,
): UpstreamError {
  const code = codes[fault.kind];
  return new UpstreamError(code, message(), {
    cause: fault.cause,
    details: { upstream: name, ...(fault.status !== undefined && { status: fault.status }) },
  });

  function message(): string {
    switch (fault.kind) {
      case 'timed-out':
        return `no answer within ${timeoutMs} ms`;
      case 'too-large':
        return `the answer has more than ${maxAnswerBytes} bytes`;
      case 'damaged':
        return 'the answer is damaged';
      case 'no-host':
        return fault.message;
      default:
        return fault.systemCode === undefined
          ? fault.message
          : `the connection failed${fault.systemCode && ` (${fault.systemCode})`}`;
    }
  }
}

function answerOf({ status, headers, body }: Reply, parse: (text: string) => unknown): Answer {
  const flat = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return { status, headers: Object.fromEntries(flat), ...parsed(body, charsetOf(headers), parse) };
}

/** Reads a body as JSON if it is JSON, with or without a byte order mark. What does not fit its charset is none. */
function parsed(
  body: Buffer,
  charset: string,
  parse: (text: string) => unknown,
): Pick<Answer, 'body' | 'isText'> {
  try {
    return { body: parse(new TextDecoder(charset, { fatal: true }).decode(body)) };
  } catch {
    return { body: new TextDecoder(charset).decode(body), isText: true };
  }
}

/** The encoding that an answer names, if the platform knows it. JSON without one is UTF-8 (RFC 8259). */
function charsetOf({ 'content-type': type }: Reply['headers']): string {
  const [, label] = /;\s*charset="?([\w.:-]+)/i.exec(String(type ?? '')) ?? [];
  if (label === undefined) return 'utf-8';
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'utf-8';
  }
}
