import { toJson } from '../json/text.ts';
import type { Exchange } from './send.ts';

/** A call to an upstream: the request, what it takes of the limits, and the time it has. */
export interface Call {
  method?: Exchange['method'];
  /** Relative to the base URL, without a leading slash. */
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** Secrets in its path or body, as they are written there: no error may show them. */
  secrets?: readonly string[];
  /**
   * Whose key it carries, wherever that is: calls of the same are refused together. Default: told by the headers and
   * parameters that look like a key.
   */
  keyOf?: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>;
  /** Sent unchanged, with its media type. */
  raw?: { type: string; content: string | Uint8Array };
  /**
   * Units that it takes of each rate, by the rates' names. Put the rate with the longest wait first. Default:
   * none.
   */
  takes?: Readonly<Record<string, number>>;
  /** Sending it twice does no harm. Default: true, except for POST and PATCH. */
  repeatable?: boolean;
  /**
   * It changes nothing, so it may be made again at any later time, to see whether its upstream is up. Default: a GET, or a
   * repeatable POST.
   */
  onlyAsks?: boolean;
  /** It asks about several things, and would be divided if it failed: whether one of them is at fault shows then. */
  divisible?: boolean;
  /** Wraps each attempt once it has a slot, to wait for room among the calls of all workers. Default: run at once. */
  within?<T>(attempt: () => Promise<T>): Promise<T>;
  signal: AbortSignal;
  /** Epoch milliseconds at which the invocation's budget ends. */
  stopAt: number;
}

/** Builds the request of a call. JSON takes precedence over a form, and a form over raw content. */
export function exchangeOf(baseUrl: string, call: Call): Exchange {
  const url = new URL(call.path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const body = bodyOf(call);
  return {
    method: call.method ?? (body ? 'POST' : 'GET'),
    url,
    headers: { accept: 'application/json', ...(body && { 'content-type': body.type }), ...call.headers },
    body: body?.content,
  };
}

function bodyOf({ json, form, raw }: Call): Call['raw'] {
  if (json !== undefined) return { type: 'application/json', content: toJson(json) };
  if (form === undefined) return raw;
  return { type: 'application/x-www-form-urlencoded', content: new URLSearchParams(form).toString() };
}

/** The minimum length of a key. Anything shorter is no secret, and may well be a word of the message. */
const leastSecret = 6;

/**
 * Removes from an upstream's text what the call sent in headers, query and form, and its secrets elsewhere: some
 * upstreams echo the key that they refuse, and errors are logged and shown.
 */
export function withoutSecrets(
  text: string,
  { headers = {}, query = {}, form = {}, secrets: hidden = [] }: Call,
): string {
  const sent = [headers, query, form].flatMap((values) => Object.values(values));
  const told = [...sent, ...hidden].map(String);
  const parts = told.flatMap((value) => [value, ...value.split(' ')]);
  const secrets = parts.filter((part) => part.length >= leastSecret).sort((a, b) => b.length - a.length);
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
}
