import { setTimeout as pause } from 'node:timers/promises';
import { SpillwayError } from '../core/engine/errors.ts';
import { type ApiError, apiErrorOf } from './api-error.ts';
import { reasonOf } from './reason.ts';

/** The service's HTTP API. Every call throws an {@link ApiError} for an answer that is an error, and `SERVICE_UNREACHABLE`. */
export interface Api {
  get<Body>(path: string): Promise<Body>;
  /** `repeatable`: sent again when it is not known whether it arrived. Default: false. */
  post<Body>(path: string, body?: unknown, more?: PostOptions): Promise<Body>;
  /** Where a GET redirects to. */
  redirectOf(path: string): Promise<string>;
}

export interface PostOptions {
  headers?: Record<string, string>;
  repeatable?: boolean;
}

/** Milliseconds between attempts at what may be otherwise a moment later. */
const pauses = [500, 1_000, 2_000, 4_000, 8_000];
/** `Retry-After` is kept to up to here, in milliseconds. */
const longestPause = 30_000;
/** Milliseconds without an answer: an API behind a gateway answers within 30 s. */
const answerLimit = 60_000;

export function openApi(endpoint: string, key: string, signal: AbortSignal): Api {
  const base = endpoint.replace(/\/+$/, '');
  const send = async (path: string, init: RequestInit, repeatable: boolean): Promise<Response> => {
    for (let attempt = 0; ; attempt += 1) {
      const wait = repeatable ? pauses[attempt] : undefined;
      const response = await request(`${base}${path}`, init, key, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (wait !== undefined) return undefined;
        const message = `${base} does not answer: ${reasonOf(error)}`;
        throw new SpillwayError('SERVICE_UNREACHABLE', message, { cause: error });
      });
      if (response !== undefined && response.status < 400) return response;
      const problem: ApiError | undefined = response && (await apiErrorOf(response));
      if (wait === undefined || problem?.retryable === false) throw problem;
      await pause(Math.max(wait, retryAfter(response)), undefined, { signal });
    }
  };
  return {
    get: async <Body>(path: string) => (await (await send(path, {}, true)).json()) as Body,
    post: async <Body>(path: string, body?: unknown, more: PostOptions = {}) => {
      const { headers = {}, repeatable = false } = more;
      const json = body !== undefined && { 'content-type': 'application/json' };
      const init = {
        method: 'POST',
        headers: { ...headers, ...json },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      return (await (await send(path, init, repeatable)).json()) as Body;
    },
    redirectOf: async (path) => {
      const location = (await send(path, {}, true)).headers.get('location') ?? '';
      return new URL(location, `${base}/`).href;
    },
  };
}

function request(url: string, init: RequestInit, key: string, signal: AbortSignal): Promise<Response> {
  return fetch(url, {
    ...init,
    // The key is for the service, not for what it redirects to.
    redirect: 'manual',
    headers: { ...init.headers, 'x-api-key': key },
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerLimit)]),
  });
}

/** Milliseconds. */
function retryAfter(response: Response | undefined): number {
  const seconds = Number(response?.headers.get('retry-after') ?? 0);
  return seconds >= 0 ? Math.min(seconds * 1000, longestPause) : 0;
}
