import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Agent, Dispatcher } from 'undici';
import { type Clock, systemClock } from '../engine/clock.ts';
import type { AddressGuard } from './addresses.ts';
import { guardedLookup, type Resolve, resolveAll } from './guarded-lookup.ts';
import { checkUrl } from './guarded-url.ts';
import { httpAgent } from './http-agent.ts';
import { connectionFault, printable, RequestFault } from './request-fault.ts';

/** The rules for all outgoing requests. */
export interface RequestPolicy {
  /**
   * For URLs that come from strangers: the addresses that they may connect to. Each URL and each redirect is
   * checked. Without it, URLs are this service's own and may lead anywhere.
   */
  addresses?: AddressGuard;
  /** Accept http as well as https from strangers. */
  allowHttp: boolean;
  /** Milliseconds for everything: resolving, connecting, redirects, retries and reading to the last byte. */
  timeoutMs: number;
  /** Gives up on a connection after this many milliseconds. Default: `timeoutMs`. */
  connectMs?: number;
  /**
   * Maximum redirects to follow; each is a new URL under the same rules. Default: return a redirect like any
   * answer.
   */
  maxRedirects?: number;
  /** Largest accepted body in bytes, also after decompression. */
  maxBytes: number;
  /** Request compressed answers and unpack them. Default: false. */
  gzip?: boolean;
  /** How to keep and share connections. */
  connections?: Pick<Agent.Options, 'connections' | 'pipelining' | 'allowH2'>;
}

export interface Asked {
  /** A string comes from a stranger and may be anything. */
  url: URL | string;
  method?: Dispatcher.HttpMethod;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array | undefined;
  /** Whether to read the body of an answer with that status; if not, its socket is closed. Default: always. */
  reads?(status: number): boolean;
}

export interface Reply {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty if it was not read. */
  body: Buffer;
  /** The final URL, after redirects. */
  url: URL;
}

/** Makes one request. Throws a {@link RequestFault}. */
export type Ask = (asked: Asked) => Promise<Reply>;

/** Requests to other people's servers under one policy, over reused connections. */
export interface GuardedRequests {
  /** Refuses a URL that is forbidden on its face. Throws a {@link RequestFault}. */
  check(url: string): URL;
  /**
   * Runs `work`, whose requests share the policy's time. Throws what `work` throws, a {@link RequestFault}
   * when the time runs out, or the signal's reason when it aborts.
   */
  within<T>(signal: AbortSignal | undefined, work: (ask: Ask) => Promise<T>): Promise<T>;
  /** Resolves when running requests have ended and all sockets are closed. */
  close(): Promise<void>;
}

/** Replaced only in tests. */
export interface RequestTools {
  resolve?: Resolve;
  clock?: Clock;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** We close an idle connection after this, in milliseconds, before most servers would close it during a call. */
const keepAliveMs = 4_000;
// undici's own interceptor for this is experimental and prints a warning on every start.
const unzip = promisify(gunzip);

/**
 * The only way out: every request to others passes through here. It prevents strangers from reaching what
 * only this server can reach (SSRF): each connection goes to an address that was checked for that very
 * connection. The socket's own lookup resolves a name once, and all its addresses must be allowed.
 */
export function guardedRequests(policy: RequestPolicy, tools: RequestTools = {}): GuardedRequests {
  const { addresses, allowHttp, timeoutMs, connectMs = timeoutMs, maxRedirects, gzip = false } = policy;
  const { resolve = resolveAll, clock = systemClock } = tools;
  const agent = httpAgent({
    ...policy.connections,
    keepAliveTimeout: keepAliveMs,
    // Pooled sockets are shared only within an origin, and were checked when they were opened.
    connect: {
      timeout: Math.min(connectMs, timeoutMs),
      ...(addresses && { lookup: guardedLookup(addresses, resolve) }),
    },
    // One timer covers all phases: with separate ones a slow server could use up each in full.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const check = (url: URL | string, base?: URL): URL =>
    addresses ? checkUrl(String(url), { addresses, allowHttp }, base) : new URL(url, base);

  const ask = async (asked: Asked, signal: AbortSignal): Promise<Reply> => {
    const { method = 'GET', headers, body, reads = () => true } = asked;
    const first = check(asked.url);
    for (let url = first, followed = 0; followed <= (maxRedirects ?? 0); followed += 1) {
      signal.throwIfAborted();
      try {
        const answer = await agent.request(url, {
          method,
          signal,
          headers: { 'user-agent': 'spillway', 'accept-encoding': gzip ? 'gzip' : 'identity', ...headers },
          body: body ?? null,
        });
        // Destroying an unread body closes its socket, and the body reports that as an error.
        answer.body.on('error', () => {});
        try {
          const { statusCode: status, headers } = answer;
          if (maxRedirects !== undefined && redirects.has(status) && typeof headers.location === 'string') {
            url = check(headers.location, url);
            continue;
          }
          const read = reads(status) ? await bodyOf(answer, url, policy) : Buffer.alloc(0);
          return { status, headers, body: read, url };
        } finally {
          answer.body.destroy();
        }
      } catch (error) {
        signal.throwIfAborted();
        throw connectionFault(url, error);
      }
    }
    throw new RequestFault(
      'too-many-redirects',
      `${printable(first)} redirects more than ${maxRedirects} times`,
    );
  };

  return {
    check,
    async within(signal, work) {
      signal?.throwIfAborted();
      const deadline = new AbortController();
      const outOfTime = new RequestFault('timed-out', `There was no whole answer within ${timeoutMs} ms`);
      const cancel = clock.after(timeoutMs, () => deadline.abort(outOfTime));
      const either = AbortSignal.any([deadline.signal, ...(signal ? [signal] : [])]);
      const stopped = Promise.withResolvers<never>();
      const stop = () => stopped.reject(either.reason);
      either.addEventListener('abort', stop, { once: true });
      try {
        // The race covers work that ignores signals, such as a look-up or a pause between two attempts.
        return await Promise.race([stopped.promise, work((asked) => ask(asked, either))]);
      } finally {
        either.removeEventListener('abort', stop);
        cancel();
      }
    },
    close: () => agent.close(),
  };
}

/** Reads a body up to the policy's size; for a compressed body, the limit also covers its content. */
async function bodyOf(
  { statusCode: status, headers, body }: Dispatcher.ResponseData<unknown>,
  url: URL,
  { maxBytes, gzip }: RequestPolicy,
): Promise<Buffer> {
  const tooLarge = () =>
    new RequestFault('too-large', `${printable(url)} has more than ${maxBytes} bytes`, { status });
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks, bytes);
  if (!gzip || headers['content-encoding'] !== 'gzip' || bytes === 0) return raw;
  return unzip(raw, { maxOutputLength: maxBytes }).catch((error) => {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new RequestFault('damaged', `The answer of ${printable(url)} is damaged`, { status, cause: error });
  });
}
