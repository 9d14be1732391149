import type { Exchange } from './send.ts';

/** What is asked of an upstream: a request, what it takes of the limits, and how long there is for it. */
export interface Call {
  method?: Exchange['method'];
  /** Below the base URL, without a slash in front. */
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>;
  /** Sent as it is, with its media type. */
  raw?: { type: string; content: string | Uint8Array };
  /** Units that it takes of each rate, by the rates' names: the one that is waited for longest first. Default: none. */
  takes?: Readonly<Record<string, number>>;
  /** Saying it twice does no harm. Default: true, except for POST. */
  repeatable?: boolean;
  /** Runs each attempt, once it has a slot, as soon as there is room for it among the calls of all workers. Default: at once. */
  within?<T>(attempt: () => Promise<T>): Promise<T>;
  signal: AbortSignal;
  /** Epoch milliseconds at which the invocation's budget ends. */
  stopAt: number;
}

/** The request that a call makes. JSON goes before a form, and a form before what is sent as it is. */
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
  if (json !== undefined) return { type: 'application/json', content: JSON.stringify(json) };
  if (form === undefined) return raw;
  return { type: 'application/x-www-form-urlencoded', content: new URLSearchParams(form).toString() };
}

/** A key has at least so many characters; what is shorter is no secret, and may well be a word of the message. */
const leastSecret = 6;

/**
 * A text of the upstream's without what the call told it in headers, query and form: some echo the key that they
 * refuse, and errors are logged and shown.
 */
export function withoutSecrets(text: string, { headers = {}, query = {}, form = {} }: Call): string {
  const told = [...Object.values(headers), ...Object.values(query), ...Object.values(form)].map(String);
  const parts = told.flatMap((value) => [value, ...value.split(' ')]);
  const secrets = parts.filter((part) => part.length >= leastSecret).sort((a, b) => b.length - a.length);
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
}
