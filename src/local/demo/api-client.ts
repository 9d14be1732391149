import { SpillwayError } from '../../engine/errors.ts';

/** An answer that is not an error, and how long it took. */
export interface Reply<Body> {
  status: number;
  seconds: number;
  body: Body;
}

/** Calls the service as any client would: HTTP and a key, nothing else. */
export interface ApiClient {
  get<Body>(path: string): Promise<Reply<Body>>;
  post<Body>(path: string, body: unknown): Promise<Reply<Body>>;
  /** Fetches what the service redirects to. */
  file(path: string): Promise<Buffer>;
  /** Fetches a link that the service gave out. */
  download(url: string): Promise<Buffer>;
}

/** Throws `REQUEST_FAILED` when an answer is an error, with what the service says of it. */
export function openApiClient(baseUrl: string, key: string, signal: AbortSignal): ApiClient {
  const send = async <Body>(method: string, path: string, body?: unknown): Promise<Reply<Body>> => {
    const startedAt = performance.now();
    const response = await fetch(new URL(path, baseUrl), {
      method,
      signal,
      headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const seconds = (performance.now() - startedAt) / 1000;
    if (!response.ok) {
      const problem = `${method} ${path}: ${response.status} after ${seconds.toFixed(1)} s: ${text.slice(0, 1000)}`;
      throw new SpillwayError('REQUEST_FAILED', problem);
    }
    return { status: response.status, seconds, body: JSON.parse(text) as Body };
  };
  const download = async (url: string): Promise<Buffer> => {
    const response = await fetch(url, { signal });
    if (!response.ok) {
      throw new SpillwayError('REQUEST_FAILED', `GET ${url}: ${response.status} ${await response.text()}`);
    }
    return Buffer.from(await response.arrayBuffer());
  };
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    file: async (path) => {
      const init: RequestInit = { signal, redirect: 'manual', headers: { 'x-api-key': key } };
      const response = await fetch(new URL(path, baseUrl), init);
      const link = response.headers.get('location');
      if (link === null) throw new SpillwayError('REQUEST_FAILED', `GET ${path}: ${response.status}`);
      return download(link);
    },
    download,
  };
}
