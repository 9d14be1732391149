import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** An HTTP server that can stop without cutting off any client. */
export interface GracefulServer {
  /** Resolves to the port. Rejects with the system's error, such as `EADDRINUSE`. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connections, and settles when the last answer has been sent, or at the limit. */
  close(): Promise<void>;
}

/**
 * Node's own `close` treats connections as idle, and destroys them, when their answer is written but not yet
 * sent. It also leaves others open for further requests. This one counts answers until they are sent, and
 * closes the remaining connections after the last one.
 *
 * `closeLimitMs`: a client that has not received its answer by then is cut off.
 */
export function serveGracefully(server: Server, closeLimitMs: number): GracefulServer {
  const unsent = new Set<ServerResponse>();
  let closing = false;
  let onSent = () => {};
  // Runs first, so that it can still set a header.
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
