import { SpillwayError } from '../core/engine/errors.ts';
import { parseJson, toJson } from '../core/json/text.ts';
import { apiErrorOf } from './api-error.ts';
import { clientErrors } from './client-errors.ts';
import { reasonOf } from './reason.ts';
import { retrying } from './retrying.ts';

export interface ClientOptions {
  /** The service's address: an http: or https: URL. */
  endpoint: string;
  /** The caller's key. Without it only public operations work. */
  key?: string;
  /** Ends everything in progress with its reason. */
  signal?: AbortSignal;
  /**
   * Milliseconds after which a call without an answer counts as lost, plus any time that the service was
   * asked to wait. Default: 60,000, since an API behind a gateway answers within 30 s.
   */
  answerLimitMs?: number;
  /** Makes the requests. Default: the runtime's own `fetch`. */
  fetch?: typeof fetch;
}

/** One request to the service. */
export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Safe to send twice: it is sent again if it may not have arrived. Default: true for GET. */
  repeatable?: boolean;
  /** Extra milliseconds that the service may take for this call; `Infinity` for a stream. */
  waitMs?: number;
}

/** An answer that is not an error. */
export interface Reply<Body> {
  status: number;
  body: Body;
}

/** Sends a client's requests. All methods throw an `ApiError` for an error answer, and `SERVICE_UNREACHABLE`. */
export interface Transport {
  readonly signal: AbortSignal;
  json<Body>(call: Call): Promise<Reply<Body>>;
  /** An answer that is a text, or empty. */
  text(call: Call): Promise<Reply<string> & { headers: Headers }>;
  /** The raw answer, which may be a stream or a redirect. Redirects are not followed. */
  response(call: Call): Promise<Response>;
  /** Requests a link from the service, which needs no key. `read` runs on the answer within the attempt. */
  linked<T>(url: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T>;
  /** Makes a URL from an answer absolute. */
  resolve(location: string): string;
}

export function openTransport(options: ClientOptions): Transport {
  const { key, signal = new AbortController().signal, answerLimitMs = 60_000 } = options;
  const base = options.endpoint.replace(/\/+$/, '');
  const send = options.fetch ?? fetch;

  const exchange = async (url: string, init: RequestInit, server: string): Promise<Response> => {
    const response = await send(url, init).catch((error: unknown) => {
      signal.throwIfAborted();
      const message = `${server} does not answer: ${reasonOf(error)}`;
      throw new SpillwayError(clientErrors.SERVICE_UNREACHABLE, message, { cause: error });
    });
    if (response.status >= 400) throw await apiErrorOf(response);
    return response;
  };

  const toService = <T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> => {
    const { method = 'GET', path, query = {}, body, repeatable = method === 'GET', waitMs = 0 } = call;
    const search = new URLSearchParams(given(query));
    const url = `${base}${path}${search.size > 0 ? `?${search}` : ''}`;
    const contentType = body === undefined ? undefined : 'application/json';
    const headers = given({ 'x-api-key': key, 'content-type': contentType, ...call.headers });
    const attempt = async () => {
      const limit = answerLimitMs + waitMs;
      const init: RequestInit = {
        method,
        headers,
        // The key is for the service, not for the target of a redirect.
        redirect: 'manual',
        signal: Number.isFinite(limit) ? AbortSignal.any([signal, AbortSignal.timeout(limit)]) : signal,
        ...(body !== undefined && { body: toJson(body) }),
      };
      return read(await exchange(url, init, base));
    };
    return repeatable ? retrying(signal, attempt) : attempt();
  };

  return {
    signal,
    json: <Body>(call: Call) =>
      toService(call, async (response): Promise<Reply<Body>> => {
        const { status } = response;
        return { status, body: parseJson(await response.text()) as Body };
      }),
    text: (call) =>
      toService(call, async (response) => {
        const { status, headers } = response;
        return { status, headers, body: await response.text() };
      }),
    response: (call) => toService(call, async (response) => response),
    linked: (url, init, read) =>
      retrying(signal, async () => read(await exchange(url, { ...init, signal }, new URL(url).origin))),
    resolve: (location) => new URL(location, `${base}/`).href,
  };
}

/** The values that are set. */
function given(values: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
