import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Agent, Dispatcher } from 'undici';
import { type Clock, systemClock } from '../engine/clock.ts';
import type { AddressGuard } from './addresses.ts';
import { guardedLookup, type Resolve, resolveAll } from './guarded-lookup.ts';
import { checkUrl } from './guarded-url.ts';
import { httpAgent } from './http-agent.ts';
import { connectionFault, printable, RequestFault } from './request-fault.ts';

/** All that outgoing requests are held to. */
export interface RequestPolicy {
  /**
   * The addresses that may be connected to, where URLs are a stranger's: each is checked, and so is where it redirects to.
   * Without it URLs are this service's own, and may lead anywhere.
   */
  addresses?: AddressGuard;
  /** Accept http besides https from strangers. */
  allowHttp: boolean;
  /** Milliseconds for everything together: resolving, connecting, redirects, tries and the last byte. */
  timeoutMs: number;
  /** Milliseconds after which a connection that does not come about is none. Default: `timeoutMs`. */
  connectMs?: number;
  /** Redirects that are followed, each a new URL under the same rules. Default: a redirect is an answer like any other. */
  maxRedirects?: number;
  /** Largest body that is read, also after decompression. */
  maxBytes: number;
  /** Ask for compressed answers, and unpack them. Default: false. */
  gzip?: boolean;
  /** How connections are kept and shared. */
  connections?: Pick<Agent.Options, 'connections' | 'pipelining' | 'allowH2'>;
}

export interface Asked {
  /** A text is a stranger's, who may have written anything. */
  url: URL | string;
  method?: Dispatcher.HttpMethod;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array | undefined;
  /** Whether anybody reads the body of an answer with that status; otherwise its socket is closed. Default: always. */
  reads?(status: number): boolean;
}

export interface Reply {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty where nobody reads it. */
  body: Buffer;
  /** Where it came from, after redirects. */
  url: URL;
}

/** Makes one request. Throws a {@link RequestFault}. */
export type Ask = (asked: Asked) => Promise<Reply>;

/** Requests to other people's servers under one policy, over connections that are kept open and used again. */
export interface GuardedRequests {
  /** Refuses a URL that shows by itself that it must not be called. Throws a {@link RequestFault}. */
  check(url: string): URL;
  /**
   * Does `work`, whose requests share the policy's time. Throws what `work` throws; a {@link RequestFault} when the time
   * runs out; when `signal` aborts, its reason.
   */
  within<T>(signal: AbortSignal | undefined, work: (ask: Ask) => Promise<T>): Promise<T>;
  /** Resolves when requests under way have ended and all sockets are closed. */
  close(): Promise<void>;
}

/** What only tests replace. */
export interface RequestTools {
  resolve?: Resolve;
  clock?: Clock;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** An idle connection is closed by us after this, in milliseconds, before most servers would close it under a call. */
const keepAliveMs = 4_000;
// undici's own interceptor for this is experimental, and says so on every start.
const unzip = promisify(gunzip);

/**
 * The one way out: whatever is asked of others goes through here. Nobody can reach through it what only this server can
 * reach (SSRF): each connection goes to an address that was checked for this very connection, because names are resolved
 * once, in the socket's own lookup, and all their addresses must be allowed.
 */
export function guardedRequests(policy: RequestPolicy, tools: RequestTools = {}): GuardedRequests {
  const { addresses, allowHttp, timeoutMs, connectMs = timeoutMs, maxRedirects, gzip = false } = policy;
  const { resolve = resolveAll, clock = systemClock } = tools;
  const agent = httpAgent({
    ...policy.connections,
    keepAliveTimeout: keepAliveMs,
    // Pooled sockets are only ever shared within an origin, and were checked when they were opened.
    connect: {
      timeout: Math.min(connectMs, timeoutMs),
      ...(addresses && { lookup: guardedLookup(addresses, resolve) }),
    },
    // One timer rules over all phases: separate ones would let a slow server have each of them in full.
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
        // Destroying a body that nobody reads closes its socket, and is reported as an error of the body.
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
        // The race is for what does not listen to a signal, such as a look-up, or a pause between two tries.
        return await Promise.race([stopped.promise, work((asked) => ask(asked, either))]);
      } finally {
        either.removeEventListener('abort', stop);
        cancel();
      }
    },
    close: () => agent.close(),
  };
}

/** A body up to the policy's size; of a compressed one, also of what is in it. */
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
