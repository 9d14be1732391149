import type { Agent, request } from 'undici';

/** undici's `request`, over its own connections. */
export interface HttpAgent {
  request(url: URL, options: Omit<RequestOptions, 'dispatcher'>): ReturnType<typeof request>;
  /** Resolves when running requests have ended and all sockets are closed. */
  close(): Promise<void>;
}

type RequestOptions = NonNullable<Parameters<typeof request>[1]>;

/**
 * Connections for requests to other people's servers. Loads undici on the first request: loading takes a
 * fifth of a function's start-up time, and most functions never make a call.
 */
export function httpAgent(options: Agent.Options): HttpAgent {
  const open = async () => {
    // A bundle exposes only the default export of a CommonJS module.
    const { default: undici } = await import('undici');
    return { request: undici.request, dispatcher: new undici.Agent(options) };
  };
  let opened: ReturnType<typeof open> | undefined;
  return {
    async request(url, requestOptions) {
      opened ??= open();
      const { request, dispatcher } = await opened;
      return await request(url, { ...requestOptions, dispatcher });
    },
    close: async () => (await opened)?.dispatcher.close(),
  };
}
