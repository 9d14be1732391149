import { decorrelatedJitterGenerator, ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import * as z from 'zod';
import { createAddressGuard } from './addresses.ts';
import { DownloadError, downloadErrorOf, failedStatus } from './download-error.ts';
import type { Resolve } from './guarded-lookup.ts';
import { guardedRequests } from './guarded-request.ts';
import { printable, RequestFault } from './request-fault.ts';

const integer = (name: string, min: number, max: number, fallback: number) => {
  const error = (issue: { input?: unknown }) =>
    `${name} must be an integer from ${min} to ${max}, but was ${JSON.stringify(issue.input) ?? String(issue.input)}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).default(fallback);
};

const downloadPolicy = z.strictObject({
  /** Accept http as well as https, also after a redirect. For local use. */
  allowHttp: z.boolean().default(false),
  /** Non-public addresses that are allowed, in CIDR notation. For local use. */
  allowAddresses: z.array(z.string()).default([]),
  /** The longest accepted body; a longer one fails. Default: 20 MiB. */
  maxBytes: integer('maxBytes', 1, 1024 ** 3, 20 * 1024 ** 2),
  /** Milliseconds for the whole download: resolving, connecting, redirects, retries and reading to the last byte. */
  timeoutMs: integer('timeoutMs', 1, 600_000, 10_000),
  maxRedirects: integer('maxRedirects', 0, 20, 3),
});

export type DownloadPolicy = z.input<typeof downloadPolicy>;

export interface Downloader {
  /** Fetches the body of a stranger's URL. Throws a {@link DownloadError}, or the signal's reason when it aborts. */
  download(url: string, signal?: AbortSignal): Promise<Buffer>;
  /** Resolves when running downloads have ended and all sockets are closed. */
  close(): Promise<void>;
}

/** Retries after the first attempt. */
const MAX_RETRIES = 2;
const FIRST_RETRY_MS = 150;
const LAST_RETRY_MS = 1_500;
/** Statuses to retry at once. A plain 500 is more often a bug than a passing failure. */
const TRANSIENT: ReadonlySet<number | undefined> = new Set([429, 502, 503, 504]);

/**
 * Downloads URLs that strangers give.
 *
 * Throws a `RangeError` that quotes what is wrong with `policy`.
 */
export function createDownloader(policy: DownloadPolicy, resolve?: Resolve): Downloader {
  const parsed = downloadPolicy.safeParse(policy);
  if (!parsed.success) throw new RangeError(parsed.error.issues.map((issue) => issue.message).join('; '));
  const { allowAddresses, ...rules } = parsed.data;
  const requests = guardedRequests(
    {
      ...rules,
      addresses: createAddressGuard(allowAddresses),
      connections: { connections: 16, allowH2: false },
    },
    resolve && { resolve },
  );
  const retrying = retry(handleWhen(isTransient), {
    maxAttempts: MAX_RETRIES,
    backoff: new ExponentialBackoff({
      initialDelay: FIRST_RETRY_MS,
      maxDelay: LAST_RETRY_MS,
      generator: decorrelatedJitterGenerator,
    }),
  });

  return {
    async download(url, signal) {
      try {
        return await requests.within(signal, (ask) =>
          retrying.execute(async () => {
            const headers = { accept: '*/*' };
            const { status, body, url: from } = await ask({ url, headers, reads: isSuccess });
            if (!isSuccess(status)) throw failedStatus(from, status);
            return body;
          }),
        );
      } catch (error) {
        if (!(error instanceof RequestFault)) throw error;
        if (error.kind !== 'timed-out') throw downloadErrorOf(error);
        const message = `${printable(new URL(url))} took more than ${rules.timeoutMs} ms`;
        throw new DownloadError('TIMED_OUT', message);
      }
    },
    close: () => requests.close(),
  };
}

const isSuccess = (status: number) => status >= 200 && status <= 299;

function isTransient(error: unknown): boolean {
  if (error instanceof RequestFault) return error.kind === 'broken' || error.kind === 'not-sent';
  return error instanceof DownloadError && TRANSIENT.has(error.status);
}
