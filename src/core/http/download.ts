import { isIP } from 'node:net';
import { decorrelatedJitterGenerator, ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import * as z from 'zod';
import { type AddressGuard, createAddressGuard } from './addresses.ts';
import { DownloadError, failedConnection, failedStatus, printable } from './download-error.ts';
import { guardedLookup, type Resolve, resolveAll } from './guarded-lookup.ts';
import { type HttpAgent, httpAgent } from './http-agent.ts';

const integer = (name: string, min: number, max: number, fallback: number) => {
  const error = (issue: { input?: unknown }) =>
    `${name} must be an integer from ${min} to ${max}, but was ${JSON.stringify(issue.input) ?? String(issue.input)}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).default(fallback);
};

const downloadPolicy = z.strictObject({
  /** Accept http besides https, also after a redirect. For local use. */
  allowHttp: z.boolean().default(false),
  /** Addresses that may be reached though they are not public, in CIDR notation. For local use. */
  allowAddresses: z.array(z.string()).default([]),
  /** A longer body fails. Default: 20 MiB. */
  maxBytes: integer('maxBytes', 1, 1024 ** 3, 20 * 1024 ** 2),
  /** Milliseconds for everything together: resolving, connecting, redirects, tries and the last byte. */
  timeoutMs: integer('timeoutMs', 1, 600_000, 10_000),
  maxRedirects: integer('maxRedirects', 0, 20, 3),
});

export type DownloadPolicy = z.input<typeof downloadPolicy>;
type CheckedPolicy = z.output<typeof downloadPolicy>;

export interface Downloader {
  /**
   * Fetches the body of a URL that a stranger gave. Throws a {@link DownloadError}; when `signal` aborts, its reason.
   */
  download(url: string, signal?: AbortSignal): Promise<Buffer>;
  /** Resolves when running downloads have ended and all sockets are closed. */
  close(): Promise<void>;
}

/** Tries after the first one. */
const MAX_RETRIES = 2;
const FIRST_RETRY_MS = 150;
const LAST_RETRY_MS = 1_500;
/** Statuses that are tried again at once; a plain 500 is more often a fault than a moment of weakness. */
const TRANSIENT: ReadonlySet<number | undefined> = new Set([429, 502, 503, 504]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Downloads for strangers, so that they cannot reach what only this server can reach (SSRF). Each connection goes to
 * an address that was checked for this very connection: names are resolved once, in the socket's own lookup, and all
 * their addresses must be public; a redirect is a new URL under the same rules.
 *
 * Throws a `RangeError` that quotes what is wrong with `policy`.
 */
export function createDownloader(policy: DownloadPolicy, resolve: Resolve = resolveAll): Downloader {
  const parsed = downloadPolicy.safeParse(policy);
  if (!parsed.success) throw new RangeError(parsed.error.issues.map((issue) => issue.message).join('; '));
  const rules = parsed.data;
  const guard = createAddressGuard(rules.allowAddresses);

  const agent = httpAgent({
    // Pooled sockets are only ever shared within an origin, and were checked when they were opened.
    connect: {
      lookup: guardedLookup(guard, resolve, { forbidden, noHost }),
      timeout: rules.timeoutMs,
    },
    allowH2: false,
    connections: 16,
    // One timer rules over all phases: separate ones would let a slow server have each of them in full.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const retrying = retry(
    handleWhen(
      (error) =>
        error instanceof DownloadError &&
        (error.code === 'CONNECTION_FAILED' ||
          (error.code === 'UPSTREAM_FAILED' && TRANSIENT.has(error.status))),
    ),
    {
      maxAttempts: MAX_RETRIES,
      backoff: new ExponentialBackoff({
        initialDelay: FIRST_RETRY_MS,
        maxDelay: LAST_RETRY_MS,
        generator: decorrelatedJitterGenerator,
      }),
    },
  );

  return {
    async download(url, signal) {
      signal?.throwIfAborted();
      const first = checkUrl(url, undefined, rules, guard);
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), rules.timeoutMs);
      const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
      try {
        // The race is for the pause between two tries, which does not listen to a signal.
        return await Promise.race([
          rejectOnAbort(either),
          retrying.execute(() => follow(first, rules, guard, agent, either)),
        ]);
      } catch (error) {
        if (error instanceof DownloadError || !deadline.signal.aborted) throw error;
        throw new DownloadError('TIMED_OUT', `${printable(first)} took more than ${rules.timeoutMs} ms`);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => agent.close(),
  };
}

/** One try: the URL and its redirects, until a body has been read. */
async function follow(
  first: URL,
  rules: CheckedPolicy,
  guard: AddressGuard,
  agent: HttpAgent,
  signal: AbortSignal,
): Promise<Buffer> {
  let url = first;
  for (let redirects = 0; redirects <= rules.maxRedirects; redirects++) {
    signal.throwIfAborted();
    try {
      const { statusCode, headers, body } = await agent.request(url, {
        signal,
        headers: { 'user-agent': 'spillway', accept: '*/*', 'accept-encoding': 'identity' },
      });
      // Destroying a body that nobody reads closes its socket, and is reported as an error of the body.
      body.on('error', () => {});
      try {
        if (REDIRECTS.has(statusCode) && typeof headers.location === 'string') {
          url = checkUrl(headers.location, url, rules, guard);
          continue;
        }
        if (statusCode < 200 || statusCode > 299) throw failedStatus(url, statusCode);
        return await readAtMost(body, Number(headers['content-length'] ?? 0), rules.maxBytes, url);
      } finally {
        body.destroy();
      }
    } catch (error) {
      signal.throwIfAborted();
      throw failedConnection(url, error);
    }
  }
  throw new DownloadError(
    'TOO_MANY_REDIRECTS',
    `${printable(first)} redirects more than ${rules.maxRedirects} times`,
  );
}

async function readAtMost(
  body: AsyncIterable<Buffer>,
  announced: number,
  maxBytes: number,
  url: URL,
): Promise<Buffer> {
  const tooLarge = () => new DownloadError('TOO_LARGE', `${printable(url)} has more than ${maxBytes} bytes`);
  if (announced > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** A URL that may be called, as far as that shows without asking anybody. Throws a {@link DownloadError}. */
export function checkUrl(
  text: string,
  base: URL | undefined,
  rules: Pick<CheckedPolicy, 'allowHttp'>,
  guard: AddressGuard,
): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) {
    throw new DownloadError(
      'URL_INVALID',
      base ? `${printable(base)} redirects to an invalid URL` : 'Not a valid URL',
    );
  }
  const secure = url.protocol === 'https:';
  if (!secure && !(url.protocol === 'http:' && rules.allowHttp)) {
    throw new DownloadError('URL_NOT_ALLOWED', `${url.protocol} URLs are not accepted`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new DownloadError('URL_NOT_ALLOWED', 'URLs with credentials are not accepted');
  }
  // As browsers do, so that nobody talks to a mail server or the like through us.
  if (url.port !== '' && url.port !== '80' && url.port !== '443' && Number(url.port) < 1024) {
    throw new DownloadError('URL_NOT_ALLOWED', `Port ${url.port} is not accepted`);
  }
  // A socket to a literal address never asks the lookup. The URL parser has made 2130706433, 0x7f.1 and the like
  // into four decimal parts by now.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !guard.allows(host)) throw forbidden(host);
  return url;
}

export const noHost = (host: string) => new DownloadError('HOST_NOT_FOUND', `There is no host ${host}`);

export const forbidden = (host: string) =>
  new DownloadError('ADDRESS_FORBIDDEN', `${host} is not a public address`);

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
