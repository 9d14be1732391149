import { SpillwayError } from '../../core/engine/errors.ts';
import { localErrors } from '../local-errors.ts';

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
  /** Fetches a link that the service gave out. */
  download(url: string): Promise<Buffer>;
  /** Fetches one of a job's finished files. */
  file(path: string): Promise<Buffer>;
  /** Brings a file to the service; resolves to its key there. */
  upload(name: string, contentType: string, text: string): Promise<string>;
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
      throw new SpillwayError(localErrors.REQUEST_FAILED, problem);
    }
    return { status: response.status, seconds, body: JSON.parse(text) as Body };
  };
  const download = async (url: string | URL, headers: Record<string, string> = {}): Promise<Buffer> => {
    const response = await fetch(url, { signal, headers });
    if (!response.ok) {
      throw new SpillwayError(
        localErrors.REQUEST_FAILED,
        `GET ${url}: ${response.status} ${await response.text()}`,
      );
    }
    return Buffer.from(await response.arrayBuffer());
  };
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    download: (url) => download(url),
    // Redirects to a link, which needs no key.
    file: (path) => download(new URL(path, baseUrl), { 'x-api-key': key }),
    async upload(name, contentType, text) {
      const files = [{ name, contentType, bytes: Buffer.byteLength(text) }];
      const { body } = await send<{ uploads: [{ key: string; url: string }] }>('POST', '/uploads', { files });
      const [link] = body.uploads;
      const response = await fetch(link.url, {
        ...{ method: 'PUT', signal, headers: { 'content-type': contentType }, body: text },
      });
      if (!response.ok)
        throw new SpillwayError(localErrors.REQUEST_FAILED, `PUT ${name}: ${response.status}`);
      return link.key;
    },
  };
}
