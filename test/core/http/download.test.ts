import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDownloader, type DownloadPolicy } from '../../../src/core/http/download.ts';
import { downloader, failure, serve } from './download-site.ts';

describe('size', () => {
  const maxBytes = 100_000;

  it('takes a body of exactly the limit', async () => {
    const site = await serve((_, res) => res.end(Buffer.alloc(maxBytes)));
    expect(await downloader({ maxBytes }).download(site.origin)).toHaveLength(maxBytes);
  });

  it('refuses by content-length before reading', async () => {
    const site = await serve((_, res) => {
      res.writeHead(200, { 'content-length': maxBytes + 1 });
      res.flushHeaders(); // and never a body: reading it would time out
    });
    expect(await failure(downloader({ maxBytes }).download(site.origin))).toMatchObject({
      code: 'TOO_LARGE',
      retryable: false,
    });
  });

  it('stops an endless body and closes its socket', async () => {
    const closed = Promise.withResolvers<void>();
    const site = await serve((_, res) => {
      res.on('close', closed.resolve);
      const pour = () => {
        while (res.write(Buffer.alloc(16_384)));
        res.once('drain', pour);
      };
      pour();
    });
    expect((await failure(downloader({ maxBytes }).download(site.origin))).code).toBe('TOO_LARGE');
    await closed.promise;
  });
});

describe('time', () => {
  it.each([
    ['headers that never come', (_req: IncomingMessage, _res: ServerResponse) => {}],
    ['a body that never ends', (_req: IncomingMessage, res: ServerResponse) => void res.write('x')],
    [
      'a trickling body',
      (_req: IncomingMessage, res: ServerResponse) => {
        const drip = setInterval(() => res.write('x'), 20);
        res.on('close', () => clearInterval(drip));
      },
    ],
    [
      'a redirect loop of slow steps',
      (_req: IncomingMessage, res: ServerResponse) =>
        void setTimeout(() => res.writeHead(302, { location: '/' }).end(), 120),
    ],
  ])('runs out for %s', async (_, answer) => {
    const closed = Promise.withResolvers<void>();
    const site = await serve((req, res) => {
      res.on('close', closed.resolve);
      answer(req, res);
    });
    const started = performance.now();
    const error = await failure(downloader({ timeoutMs: 300, maxRedirects: 20 }).download(site.origin));
    expect(error).toMatchObject({ code: 'TIMED_OUT', retryable: true });
    expect(performance.now() - started).toBeGreaterThan(280);
    expect(performance.now() - started).toBeLessThan(2_000);
    await closed.promise;
  });

  it('runs out for a look-up that hangs', async () => {
    const stuck = downloader({ timeoutMs: 100 }, () => new Promise(() => {}));
    expect((await failure(stuck.download('http://stuck.test/'))).code).toBe('TIMED_OUT');
  });

  it('includes the pauses between tries', async () => {
    // The pauses are random; this draw makes the first one longer than the time allowed.
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.99);
    onTestFinished(() => random.mockRestore());
    const site = await serve((_, res) => res.writeHead(503).end());
    expect((await failure(downloader({ timeoutMs: 150 }).download(site.origin))).code).toBe('TIMED_OUT');
    expect(site.requests).toHaveLength(1);
  });
});

describe('tries', () => {
  it.each([502, 503, 504, 429])('again after %i', async (status) => {
    const site = await serve((_, res, { requests }) => {
      if (requests.length < 3) res.writeHead(status).end('later');
      else res.end('photo');
    });
    expect((await downloader().download(site.origin)).toString()).toBe('photo');
  });

  it('three times at most', async () => {
    const site = await serve((_, res) => res.writeHead(503).end());
    const error = await failure(downloader().download(site.origin));
    expect(error).toMatchObject({ code: 'UPSTREAM_FAILED', status: 503, retryable: true });
    expect(site.requests).toHaveLength(3);
  });

  it('again when the connection is reset, also within the body', async () => {
    const site = await serve((req, res, { requests }) => {
      if (requests.length === 1) req.socket.resetAndDestroy();
      else if (requests.length === 2) {
        res.writeHead(200, { 'content-length': 5 });
        res.write('ph', () => req.socket.resetAndDestroy());
      } else res.end('photo');
    });
    expect((await downloader().download(site.origin)).toString()).toBe('photo');
    expect(site.requests).toHaveLength(3);
  });

  it.each([
    [404, 'NOT_FOUND', false],
    [410, 'NOT_FOUND', false],
    [401, 'UPSTREAM_REFUSED', false],
    [403, 'UPSTREAM_REFUSED', false],
    [304, 'UPSTREAM_REFUSED', false],
    [500, 'UPSTREAM_FAILED', true],
  ])('once only for %i: %s', async (status, code, retryable) => {
    const site = await serve((_, res) => res.writeHead(status).end());
    const error = await failure(downloader().download(`${site.origin}/p.jpg?signature=hush`));
    expect(error).toMatchObject({ code, retryable, status });
    expect(JSON.stringify([error, error.message])).not.toContain('hush');
    expect(site.requests).toHaveLength(1);
  });

  it('fails with CONNECTION_FAILED where nobody listens', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const error = await failure(downloader().download(`http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: true });
  });
});

describe('abort', () => {
  it('rejects with the reason and releases the socket', async () => {
    const arrived = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const site = await serve((_, res) => {
      res.on('close', closed.resolve);
      res.write('x', () => arrived.resolve());
    });
    const controller = new AbortController();
    const reason = new Error('budget ended');
    const download = downloader().download(site.origin, controller.signal);
    await arrived.promise;
    controller.abort(reason);
    await expect(download).rejects.toBe(reason);
    await closed.promise;
  });

  it('before the start makes no request', async () => {
    const site = await serve((_, res) => res.end('photo'));
    const reason = new Error('too late');
    await expect(downloader().download(site.origin, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(site.requests).toHaveLength(0);
  });

  it('does not wait for the pause between tries', async () => {
    const answered = Promise.withResolvers<void>();
    const site = await serve((req, res) => {
      // Nobody reads on after a refusal: the socket's end tells that this try is over.
      req.socket.on('close', () => answered.resolve());
      res.writeHead(503, { 'content-length': 100 }).write('later');
    });
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const download = downloader()
      .download(site.origin, controller.signal)
      .catch((error) => error);
    await answered.promise;
    controller.abort(reason);
    const nextTurn = new Promise((resolve) => setImmediate(resolve, 'too late'));
    expect(await Promise.race([download, nextTurn])).toBe(reason);
    expect(site.requests).toHaveLength(1);
  });
});

it('a policy out of range is refused and quoted', () => {
  expect(() => createDownloader({ maxBytes: -5 })).toThrow(/maxBytes.*-5/);
  expect(() => createDownloader({ timeoutMs: Number.NaN })).toThrow(/timeoutMs.*(NaN|null)/);
  expect(() => createDownloader({ maxRedirects: 1.5 })).toThrow(/maxRedirects.*1\.5/);
  expect(() => createDownloader({ allowAddresses: ['localhost'] })).toThrow(/"localhost"/);
  expect(() => createDownloader({ maxByte: 5 } as DownloadPolicy)).toThrow(/maxByte/);
});
