import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** An HTTP server that can stop without cutting anybody off. */
export interface GracefulServer {
  /** Rejects with the system's error, such as `EADDRINUSE`. Returns the port. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connections, and settles when the last answer is out, or at the limit. */
  close(): Promise<void>;
}

/**
 * Node's own `close` destroys connections as idle whose answer is written but not yet sent, and leaves others open for
 * next requests. Here answers are counted until they are sent, and what is still open after the last one is closed.
 *
 * `closeLimitMs`: who has not taken his answer by then is cut off.
 */
export function serveGracefully(server: Server, closeLimitMs: number): GracefulServer {
  const unsent = new Set<ServerResponse>();
  let closing = false;
  let onSent = () => {};
  // First of all, so that it can still set a header.
  server.prependListener('request', (_, response) => {
    unsent.add(response);
    if (closing) response.setHeader('connection', 'close');
    response.once('close', () => {
      unsent.delete(response);
      onSent();
    });
  });
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    close: async () => {
      closing = true;
      const closed = new Promise<void>((resolve) => {
        NetServer.prototype.close.call(server, () => resolve());
      });
      const limit = setTimeout(() => server.closeAllConnections(), closeLimitMs);
      onSent = () => {
        if (unsent.size === 0) server.closeAllConnections();
      };
      onSent();
      await closed;
      clearTimeout(limit);
    },
  };
}
