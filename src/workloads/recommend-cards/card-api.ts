import { LRUCache } from 'lru-cache';
import { ItemError } from '../../core/engine/errors.ts';
import { createAddressGuard } from '../../core/http/addresses.ts';
import { createUpstream, type Upstream } from '../../core/http/client.ts';
import type { Call } from '../../core/http/request.ts';
import { type Answer, jsonVerdict } from '../../core/http/verdict.ts';
import { createSeats, type Seats } from '../../core/limits/seats.ts';
import type { WorkloadPorts } from '../ports.ts';
import { cardErrors } from './card-errors.ts';
import { type CardOptions, standIn, standInProtocol } from './options.ts';

type CardPorts = Pick<WorkloadPorts, 'upstreamDeps' | 'downloads' | 'accounts'>;

/** The job that asks. */
export interface Asking {
  jobId: string;
  tenant: string;
  options: CardOptions;
}

export interface Question {
  json: unknown;
  headers: Readonly<Record<string, string>>;
  signal: AbortSignal;
  stopAt: number;
}

/** The APIs of this worker's recent jobs. */
export interface CardApis {
  /**
   * Asks a job's API within all its limits and the job's `max_workers`. Throws what {@link Upstream} and {@link
   * Seats} throw.
   */
  ask(job: Asking, question: Question): Promise<Answer>;
}

/** More APIs than a worker has jobs at a time. */
const mostApis = 8;
/** Concurrent calls at the start; from there the limiter finds out how many the API can take. */
const firstCalls = 20;
/** Ten times the size of ordinary answers. Each call under way may hold that much memory. */
const maxAnswerBytes = 4 * 2 ** 20;
/**
 * For an API without a documented rate: one that no job reaches. A 429 still delays all workers, because they share
 * it.
 */
const unlimited = { perSecond: 10_000, burst: 10_000 };

export function openCardApis({ upstreamDeps: deps, downloads, accounts }: CardPorts): CardApis {
  const guard = createAddressGuard(downloads.allowAddresses ?? []);
  const upstreams = new LRUCache<string, Upstream>({
    max: mostApis,
    dispose: (upstream) => void upstream.close(),
  });
  const seats = new LRUCache<string, Seats>({ max: mostApis });

  /** The job's URL, and whether it is untrusted. */
  const placeOf = (text: string): { url: URL; strange: boolean } => {
    const url = new URL(text);
    if (url.protocol !== standInProtocol) return { url, strange: true };
    const base = accounts.standInUrl(standIn);
    if (base !== undefined) return { url: new URL(`${base}${url.pathname}`), strange: false };
    throw new ItemError(cardErrors.NO_STAND_IN, `The service runs no stand-ins: ${text} leads nowhere`);
  };

  const upstreamOf = ({ tenant, options: { api, processing } }: Asking): Upstream => {
    const { url, strange } = placeOf(api.url);
    const { origin } = url;
    const { max_workers: max, adaptive } = processing;
    const { timeout, retries, requests_per_second: perSecond } = api;
    const key = JSON.stringify([tenant, origin, max, adaptive, timeout, retries, perSecond]);
    const known = upstreams.get(key);
    if (known) return known;
    const upstream = createUpstream(
      {
        name: upstreamName(tenant, url),
        baseUrl: origin,
        rates: {
          requests: perSecond === undefined ? unlimited : { perSecond, burst: Math.max(1, perSecond) },
        },
        concurrency: adaptive ? { start: Math.min(max, firstCalls), max } : { min: max, max },
        timeoutMs: Math.round(timeout * 1000),
        attempts: retries + 1,
        maxAnswerBytes,
        ...(strange && { addresses: guard }),
        judge: jsonVerdict,
      },
      deps,
    );
    upstreams.set(key, upstream);
    return upstream;
  };

  const seatsOf = ({ jobId, options: { processing } }: Asking): Seats => {
    const known = seats.get(jobId);
    if (known) return known;
    const made = createSeats(jobId, processing.max_workers, deps);
    seats.set(jobId, made);
    return made;
  };

  return {
    async ask(job, { json, headers, signal, stopAt }) {
      const { pathname, searchParams } = placeOf(job.options.api.url).url;
      const call: Call = {
        method: 'POST',
        path: pathname.slice(1),
        query: Object.fromEntries(searchParams),
        headers,
        json,
        takes: { requests: 1 },
        // A recommendation is only a question: asking twice does no harm.
        repeatable: true,
        // Take the slot before the seat: a call that waits for a slot would hold a seat that the other worker could
        // use.
        within: (attempt) => seatsOf(job).run(signal, stopAt, attempt),
        signal,
        stopAt,
      };
      return upstreamOf(job).call(call);
    },
  };
}

/**
 * Under this name, a tenant's jobs that call the same host share its limits and breaker; other tenants' jobs do
 * not.
 */
function upstreamName(tenant: string, { host }: URL): string {
  return `${`api-of-${tenant}-${host}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')}`;
}
