import { Agent, type Dispatcher, interceptors, request } from 'undici';
import type { Clock } from '../engine/clock.ts';
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

/** Largest answer that is read, in bytes, also after decompression. */
const maxAnswerBytes = 16 * 2 ** 20;
/** An idle connection is closed by us after this, in milliseconds, before most servers would close it under a call. */
const keepAliveMs = 4_000;

/** @param timeoutMs for the whole exchange: connecting, sending, and the answer's last byte */
export function openConnections(name: string, timeoutMs: number, clock: Clock): Connections {
  // How many calls go out at once is decided before they come here; a queue for connections would only hide it.
  const agent = new Agent({
    connections: null,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    connect: { timeout: timeoutMs },
    // One timer rules over all phases: separate ones would let a slow server have each of them in full.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const dispatcher = agent.compose(
    interceptors.decompress({ maxSize: maxAnswerBytes, skipErrorResponses: false }),
  );

  return {
    async send(exchange, signal) {
      signal.throwIfAborted();
      const timeout = new AbortController();
      const cancelTimeout = clock.after(timeoutMs, () => timeout.abort());
      try {
        return await exchangeOnce(dispatcher, exchange, AbortSignal.any([signal, timeout.signal]), name);
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.signal.aborted) {
          throw new UpstreamError('TIMED_OUT', `${name} did not answer within ${timeoutMs} ms`, {
            retryable: true,
            details: { upstream: name },
          });
        }
        if (error instanceof UpstreamError) throw error;
        const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
        throw new UpstreamError('CONNECTION_FAILED', `The connection to ${name} failed${code}`, {
          retryable: true,
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
  dispatcher: Dispatcher,
  { method, url, headers, body }: Exchange,
  signal: AbortSignal,
  name: string,
): Promise<Answer> {
  const answer = await request(url, {
    dispatcher,
    method,
    signal,
    headers: { 'user-agent': 'spillway', 'accept-encoding': 'gzip, br', ...headers },
    body: body ?? null,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) {
      throw new UpstreamError(
        'ANSWER_TOO_LARGE',
        `The answer of ${name} has more than ${maxAnswerBytes} bytes`,
        {
          details: { upstream: name, status: answer.statusCode },
        },
      );
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks, bytes).toString('utf8');
  return { status: answer.statusCode, headers: flat(answer.headers), body: parsed(text) };
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
