import { LRUCache } from 'lru-cache';
import { ItemError } from '../../core/engine/errors.ts';
import { createAddressGuard } from '../../core/http/addresses.ts';
import { createUpstream, type Upstream } from '../../core/http/client.ts';
import { type Answer, httpVerdict, jsonVerdict, type Verdict } from '../../core/http/verdict.ts';
import { parseJson } from '../../core/json/text.ts';
import { createSeats, type Seats } from '../../core/limits/seats.ts';
import type { WorkloadPorts } from '../ports.ts';
import { callErrors } from './call-errors.ts';
import type { CallOptions } from './options.ts';
import type { RowRequest } from './request.ts';
import { standInProtocol } from './url.ts';

export type CallPorts = Pick<WorkloadPorts, 'upstreamDeps' | 'downloads' | 'accounts'>;

/** The job that asks, and where. */
export interface Asking {
  jobId: string;
  tenant: string;
  options: CallOptions;
  /** What its URL begins with, up to the path. */
  origin: string;
  /** Whether it reads the answers' JSON. */
  readsJson: boolean;
  /** Whether sending a request twice does no harm, and whether its requests change anything at all. */
  repeatable: boolean;
  onlyAsks: boolean;
}

export interface Question {
  request: RowRequest;
  signal: AbortSignal;
  stopAt: number;
}

/** The APIs of this worker's recent jobs. */
export interface CalledApis {
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

export function openCalledApis({ upstreamDeps: deps, downloads, accounts }: CallPorts): CalledApis {
  const guard = createAddressGuard(downloads.allowAddresses ?? []);
  const upstreams = new LRUCache<string, Upstream>({
    max: mostApis,
    dispose: (upstream) => void upstream.close(),
  });
  const seats = new LRUCache<string, Seats>({ max: mostApis });

  /** Where the job's requests go, and whether that is untrusted. */
  const placeOf = (origin: string): { base: string; strange: boolean } => {
    const { protocol, host } = new URL(origin);
    if (protocol !== standInProtocol) return { base: origin, strange: true };
    const base = accounts.standInUrl(host);
    if (base !== undefined) return { base, strange: false };
    throw new ItemError(callErrors.NO_STAND_IN, `The service runs no stand-ins: ${origin} leads nowhere`);
  };

  const upstreamOf = ({ tenant, origin, readsJson, options: { api, processing } }: Asking): Upstream => {
    const { base, strange } = placeOf(origin);
    const { max_workers: max, adaptive } = processing;
    const { timeout, retries, requests_per_second: perSecond, accept_statuses: accepted = [] } = api;
    const key = JSON.stringify([
      ...[tenant, base, max, adaptive, timeout, retries, perSecond, accepted, readsJson],
    ]);
    const known = upstreams.get(key);
    if (known) return known;
    const upstream = createUpstream(
      {
        name: upstreamName(tenant, new URL(base)),
        baseUrl: base,
        rates: {
          requests: perSecond === undefined ? unlimited : { perSecond, burst: Math.max(1, perSecond) },
        },
        concurrency: adaptive ? { start: Math.min(max, firstCalls), max } : { min: max, max },
        timeoutMs: Math.round(timeout * 1000),
        attempts: retries + 1,
        maxAnswerBytes,
        ...(strange && { addresses: guard }),
        parse: parseJson,
        judge: (answer) => verdictOf(answer, accepted, readsJson),
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
    ask: async (job, { request, signal, stopAt }) =>
      upstreamOf(job).call({
        ...request,
        takes: { requests: 1 },
        repeatable: job.repeatable,
        onlyAsks: job.onlyAsks,
        // It may be anywhere in the request, or forgotten; and a header that looks like one may be an item's own.
        keyOf: job.jobId,
        // Take the slot before the seat: a call that waits for a slot would hold a seat that the other worker could
        // use.
        within: (attempt) => seatsOf(job).run(signal, stopAt, attempt),
        signal,
        stopAt,
      }),
  };
}

/** What is no answer by HTTP alone may be one for this job, and a page where it reads JSON is none. */
function verdictOf(answer: Answer, accepted: readonly number[], readsJson: boolean): Verdict {
  if (accepted.includes(answer.status)) return { kind: 'fine' };
  return readsJson && answer.status !== noContent ? jsonVerdict(answer) : httpVerdict(answer);
}

const noContent = 204;

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
