import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { createDownloader, type Downloader, type DownloadPolicy } from '../../../src/core/http/download.ts';
import { DownloadError } from '../../../src/core/http/download-error.ts';
import type { Resolve } from '../../../src/core/http/guarded-lookup.ts';

export interface Site {
  origin: string;
  port: number;
  requests: IncomingMessage[];
  sockets: Set<Socket>;
}

/** A server on every address of this machine, until the test is over. */
export async function serve(
  answer: (req: IncomingMessage, res: ServerResponse, site: Site) => void,
): Promise<Site> {
  const server = createServer((req, res) => {
    site.requests.push(req);
    answer(req, res, site);
  });
  const site: Site = { origin: '', port: 0, requests: [], sockets: new Set() };
  server.on('connection', (socket) => {
    site.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => site.sockets.delete(socket));
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  site.port = (server.address() as AddressInfo).port;
  site.origin = `http://127.0.0.1:${site.port}`;
  onTestFinished(async () => {
    for (const socket of site.sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return site;
}

/** One that may reach 127.0.0.1, until the test is over. */
export function downloader(policy: Partial<DownloadPolicy> = {}, resolve?: Resolve): Downloader {
  const made = createDownloader({ allowHttp: true, allowAddresses: ['127.0.0.1/32'], ...policy }, resolve);
  onTestFinished(() => made.close());
  return made;
}

/** What a download fails with. */
export async function failure(promise: Promise<unknown>): Promise<DownloadError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(DownloadError);
  return error;
}
