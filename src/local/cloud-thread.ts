import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { startFauxqs } from 'fauxqs';

/** What a thread should serve. */
export interface CloudThreadData {
  server: 'fauxqs' | 'dynalite';
  /** The directory of its state. */
  path: string;
  /** 0 lets the operating system choose. */
  port: number;
  region: string;
}

/** The thread's message once it serves, with its port. */
export interface CloudThreadReady {
  port: number;
}

/** DynamoDB's largest request. Source: AWS, "Quotas in Amazon DynamoDB" (BatchWriteItem). */
const largestTableRequest = 16 * 2 ** 20;

/**
 * fauxqs listens on every interface and has no option for it. This thread serves nothing else, so we restrict
 * it here.
 */
function listenOnLoopbackOnly(): void {
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]) {
    const [first, ...rest] = args;
    const narrowed = typeof first === 'object' && first !== null ? { ...first, host: '127.0.0.1' } : first;
    return Reflect.apply(listen, this, [narrowed, ...rest]);
  };
}

async function serveFauxqs({ path, port, region }: CloudThreadData): Promise<[number, () => Promise<void>]> {
  // Objects go to SQLite as well, not to its file store: that writes body and description as two files, and a
  // crash between them would leave an object whose length does not match its body.
  const server = await startFauxqs({ port, logger: false, dataDir: path, defaultRegion: region });
  return [server.port, () => server.stop()];
}

async function serveDynalite({ path, port }: CloudThreadData): Promise<[number, () => Promise<void>]> {
  const dynalite: (options: { path: string; createTableMs: number }) => Server = createRequire(
    import.meta.url,
  )('dynalite');
  const server = dynalite({ path, createTableMs: 0 });
  const [handle] = server.listeners('request') as RequestListener[];
  if (handle === undefined) throw new Error('dynalite: no request listener');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response) => {
    // dynalite throws from the event when a client vanishes in the middle of a request, as every killed
    // instance does, and would take the whole service down. So it only gets requests that have arrived
    // completely.
    readBody(request).then(
      (body) => {
        const { method, headers, url } = request;
        handle(Object.assign(Readable.from([body]), { method, headers, url }) as IncomingMessage, response);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('dynalite: no port');
  return [
    address.port,
    () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  ];
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > largestTableRequest) throw new Error('request too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

listenOnLoopbackOnly();
const data: CloudThreadData = workerData;
const [port, stop] = await (data.server === 'fauxqs' ? serveFauxqs(data) : serveDynalite(data));
parentPort?.once('message', () => {
  stop().finally(() => parentPort?.close());
});
parentPort?.postMessage({ port } satisfies CloudThreadReady);
