import { afterAll, beforeAll, beforeEach } from 'vitest';
import {
  type ApiName,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../src/stand-ins/sandbox.ts';

/** An answer of the shape that the test knows it to have. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** A sandbox for all tests of a file, a hundred times as fast as the real APIs and new for each test. */
export function useSandbox(options: SandboxOptions = {}) {
  let sandbox: Sandbox | undefined;
  const running = () => {
    if (sandbox === undefined) throw new Error('The sandbox is not running yet');
    return sandbox;
  };
  beforeAll(async () => {
    sandbox = await startSandbox({ timeScale: 0.01, ...options });
  });
  beforeEach(() => running().reset());
  afterAll(() => sandbox?.stop());

  async function call<T = unknown>(url: string, init: RequestInit = {}): Promise<Answer<T>> {
    const response = await fetch(url, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  return {
    sandbox: running,
    get: <T = unknown>(api: ApiName, path: string, headers: Record<string, string> = {}) =>
      call<T>(running().urls[api] + path, { headers }),
    post: <T = unknown>(api: ApiName, path: string, body: unknown, headers: Record<string, string> = {}) =>
      call<T>(running().urls[api] + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    call,
    /** One call, and then next to none. */
    restrict: (api: ApiName, limit: string, burst = 1) =>
      running().configure({ api, limits: { [limit]: { rate: 0.001, per: 'second', burst } } }),
  };
}
