import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Clock } from '../engine/clock.ts';
import type { AddressGuard } from './addresses.ts';
import { guardedLookup, resolveAll } from './guarded-lookup.ts';
import { type HttpAgent, httpAgent } from './http-agent.ts';
import { UpstreamError } from './upstream-error.ts';
import type { Answer } from './verdict.ts';

/** One HTTP request. */
export interface Exchange {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
}

/** Connections that are kept open and used again. */
export interface Connections {
  /** Throws an {@link UpstreamError}; when `signal` aborts, its reason. */
  send(exchange: Exchange, signal: AbortSignal): Promise<Answer>;
  /** Resolves when calls under way have ended and all sockets are closed. */
  close(): Promise<void>;
}

// undici's own interceptor for this is experimental, and says so on every start.
const unzip = promisify(gunzip);

/** An idle connection is closed by us after this, in milliseconds, before most servers would close it under a call. */
const keepAliveMs = 4_000;
/** A connection that takes longer than this, in milliseconds, is none. */
const connectMs = 5_000;
/** Errors of before the first byte was sent. */
const notSent: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  'UND_ERR_CONNECT_TIMEOUT',
]);

export interface ConnectionsOptions {
  /** The upstream's, for errors. */
  name: string;
  /** For the whole exchange: connecting, sending, and the answer's last byte. */
  timeoutMs: number;
  /** Largest answer that is read, also after decompression. */
  maxAnswerBytes: number;
  clock: Clock;
  /** Default: any address may be connected to. */
  addresses?: AddressGuard;
}

export function openConnections(options: ConnectionsOptions): Connections {
  const { name, timeoutMs, maxAnswerBytes, clock, addresses } = options;
  const forbidden = (host: string) =>
    new UpstreamError('ADDRESS_FORBIDDEN', `${host} is not a public address`, {
      details: { upstream: name },
    });
  const noHost = (host: string) =>
    new UpstreamError('UNREACHABLE', `There is no host ${host}`, {
      details: { upstream: name },
    });
  // How many calls go out at once is decided before they come here; a queue for connections would only hide it.
  const agent = httpAgent({
    connections: null,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    connect: {
      timeout: Math.min(connectMs, timeoutMs),
      ...(addresses && { lookup: guardedLookup(addresses, resolveAll, { forbidden, noHost }) }),
    },
    // One timer rules over all phases: separate ones would let a slow server have each of them in full.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    async send(exchange, signal) {
      signal.throwIfAborted();
      const host = exchange.url.hostname.replace(/^\[|\]$/g, '');
      if (addresses && isIP(host) !== 0 && !addresses.allows(host)) throw forbidden(host);
      const timeout = new AbortController();
      const cancelTimeout = clock.after(timeoutMs, () => timeout.abort());
      try {
        const either = AbortSignal.any([signal, timeout.signal]);
        return await exchangeOnce(agent, exchange, either, name, maxAnswerBytes);
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.signal.aborted) {
          throw new UpstreamError('TIMED_OUT', `${name} did not answer within ${timeoutMs} ms`, {
            details: { upstream: name },
          });
        }
        if (error instanceof UpstreamError) throw error;
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        const message = `The connection to ${name} failed${code === undefined ? '' : ` (${String(code)})`}`;
        throw new UpstreamError(notSent.has(code) ? 'UNREACHABLE' : 'CONNECTION_FAILED', message, {
          cause: error,
          details: { upstream: name },
        });
      } finally {
        cancelTimeout();
      }
    },
    close: () => agent.close(),
  };
}

async function exchangeOnce(
  agent: HttpAgent,
  { method, url, headers, body }: Exchange,
  signal: AbortSignal,
  name: string,
  maxAnswerBytes: number,
): Promise<Answer> {
  const answer = await agent.request(url, {
    method,
    signal,
    headers: { 'user-agent': 'spillway', 'accept-encoding': 'gzip', ...headers },
    body: body ?? null,
  });
  const tooLarge = () =>
    new UpstreamError('ANSWER_TOO_LARGE', `The answer of ${name} has more than ${maxAnswerBytes} bytes`, {
      details: { upstream: name, status: answer.statusCode },
    });
  const unreadable = (cause: unknown) =>
    new UpstreamError('UPSTREAM_FAILED', `The answer of ${name} is damaged`, {
      cause,
      details: { upstream: name, status: answer.statusCode },
    });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks, bytes);
  const zipped = answer.headers['content-encoding'] === 'gzip' && bytes > 0;
  const plain = zipped
    ? await unzip(raw, { maxOutputLength: maxAnswerBytes }).catch((error) => {
        throw error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : unreadable(error);
      })
    : raw;
  return { status: answer.statusCode, headers: flat(answer.headers), body: parsed(plain.toString('utf8')) };
}

function flat(headers: Record<string, string | string[] | undefined>): Answer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
