import type { Agent, request } from 'undici';

/** undici's `request`, over connections of its own. */
export interface HttpAgent {
  request(url: URL, options: Omit<RequestOptions, 'dispatcher'>): ReturnType<typeof request>;
  /** Resolves when requests under way have ended and all sockets are closed. */
  close(): Promise<void>;
}

type RequestOptions = NonNullable<Parameters<typeof request>[1]>;

/**
 * Connections for requests to other people's servers. undici is loaded at the first one: it takes a fifth of the time
 * in which a function starts, and most functions never call anybody.
 */
export function httpAgent(options: Agent.Options): HttpAgent {
  const open = async () => {
    // A bundle has the default export of a CommonJS module only.
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
