import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A POST that has come in. */
export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** An HTTP server that keeps what it is sent, and answers as it is told: 200 unless something is in line. */
export async function startReceiver() {
  const received: Received[] = [];
  const line: ((response: ServerResponse) => void)[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    received.push({ path: request.url ?? '', headers, body });
    (line.shift() ?? status(200))(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    /** What it answers next, in place of what was in line. */
    answers(...next: ((response: ServerResponse) => void)[]) {
      line.splice(0, line.length, ...next);
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(code, headers).end('thanks');
  };

/** Says nothing until the other side gives up. */
export const silence = () => {};
