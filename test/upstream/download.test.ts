import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAddressGuard } from '../../src/upstream/addresses.ts';
import { createDownloader, type Downloader, type DownloadPolicy } from '../../src/upstream/download.ts';
import { DownloadError } from '../../src/upstream/download-error.ts';
import type { Resolve } from '../../src/upstream/guarded-lookup.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Site {
  origin: string;
  port: number;
  requests: IncomingMessage[];
  sockets: Set<Socket>;
}

async function serve(answer: (req: IncomingMessage, res: ServerResponse, site: Site) => void): Promise<Site> {
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
  cleanups.push(async () => {
    for (const socket of site.sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return site;
}

function downloader(policy: Partial<DownloadPolicy> = {}, resolve?: Resolve): Downloader {
  const made = createDownloader({ allowHttp: true, allowAddresses: ['127.0.0.1/32'], ...policy }, resolve);
  cleanups.push(() => made.close());
  return made;
}

async function failure(promise: Promise<unknown>): Promise<DownloadError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(DownloadError);
  return error;
}

describe('address guard', () => {
  const guard = createAddressGuard([]);

  it.each(['93.184.216.34', '8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:82a::200e'])(
    'lets the public address %s pass',
    (address) => expect(guard.allows(address)).toBe(true),
  );

  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['all of loopback', '127.255.255.254'],
    ['private A', '10.1.2.3'],
    ['private B', '172.31.255.255'],
    ['private C', '192.168.0.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['instance metadata', '169.254.169.254'],
    ['documentation', '192.0.2.1'],
    ['benchmarking', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 unspecified', '::'],
    ['IPv6 loopback', '::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped public', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::7f00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local-use NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['unique local', 'fc00::1'],
    ['unique local, metadata', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['new IPv6 documentation', '3fff::1'],
    ['discard', '100::1'],
    ['IPv6 benchmarking', '2001:2::1'],
    ['unassigned', '4000::1'],
    ['no address', 'localhost'],
    ['the empty string', ''],
  ])('refuses %s (%s)', (_, address) => expect(guard.allows(address)).toBe(false));

  it('makes exceptions for ranges of the same family only', () => {
    const local = createAddressGuard(['127.0.0.0/8', '::1/128']);
    expect(local.allows('127.3.2.1')).toBe(true);
    expect(local.allows('::1')).toBe(true);
    expect(local.allows('::ffff:127.0.0.1')).toBe(false);
    expect(local.allows('10.0.0.1')).toBe(false);
  });

  it('quotes an exception that is no range', () => {
    expect(() => createAddressGuard(['127.0.0.1'])).toThrow(/"127\.0\.0\.1"/);
  });
});

describe('the URL', () => {
  it.each([
    ['http://127.0.0.1/'],
    ['http://127.1/'],
    ['http://2130706433/'],
    ['http://0x7f000001/'],
    ['http://0177.0.0.1/'],
    ['http://0/'],
    ['http://127.0.0.1./'],
    ['http://[::1]/'],
    ['http://[::ffff:127.0.0.1]/'],
    ['http://[::ffff:7f00:1]/'],
    ['http://[64:ff9b::7f00:1]/'],
    ['http://169.254.169.254/latest/meta-data/'],
    ['http://①②⑦.⓪.⓪.①/'],
  ])('%s is forbidden without a look-up', async (url) => {
    const strict = downloader({ allowAddresses: [] }, () => {
      throw new Error('A literal address must not be looked up');
    });
    expect((await failure(strict.download(url))).code).toBe('ADDRESS_FORBIDDEN');
  });

  it('localhost is forbidden by what it resolves to', async () => {
    const site = await serve((_, res) => res.end('secret'));
    const strict = downloader({ allowAddresses: [] });
    const error = await failure(strict.download(`http://localhost:${site.port}/`));
    expect(error).toMatchObject({ code: 'ADDRESS_FORBIDDEN', retryable: false });
    expect(site.sockets.size).toBe(0);
  });

  it.each([
    ['not a url', 'URL_INVALID'],
    ['', 'URL_INVALID'],
    ['http://example.com/', 'URL_NOT_ALLOWED'],
    ['ftp://example.com/', 'URL_NOT_ALLOWED'],
    ['file:///etc/passwd', 'URL_NOT_ALLOWED'],
    ['data:text/plain,hi', 'URL_NOT_ALLOWED'],
    ['https://user:pw@example.com/', 'URL_NOT_ALLOWED'],
    ['https://user@example.com/', 'URL_NOT_ALLOWED'],
    ['https://:pw@example.com/', 'URL_NOT_ALLOWED'],
    ['https://example.com:25/', 'URL_NOT_ALLOWED'],
  ])('"%s" is refused with %s', async (url, code) => {
    const error = await failure(downloader({ allowHttp: false }).download(url));
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).not.toContain('pw');
  });
});

describe('names', () => {
  it('are refused when any of their addresses is private', async () => {
    const site = await serve((_, res) => res.end('secret'));
    const mixed = downloader({}, async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]);
    const error = await failure(mixed.download(`http://mixed.test:${site.port}/`));
    expect(error.code).toBe('ADDRESS_FORBIDDEN');
    expect(site.requests).toHaveLength(0);
  });

  it('are resolved once per connection, and the connection goes to the checked address', async () => {
    const site = await serve((_, res) => res.end('photo'));
    const asked: string[] = [];
    const named = downloader({}, async (host) => {
      asked.push(host);
      return [{ address: '127.0.0.1', family: 4 }];
    });
    expect((await named.download(`http://photos.test:${site.port}/a.jpg`)).toString()).toBe('photo');
    expect(asked).toEqual(['photos.test']);
    expect(site.requests[0]?.headers.host).toBe(`photos.test:${site.port}`);
  });

  it('cannot be rebound to a private address between two connections', async () => {
    const reached: (string | undefined)[] = [];
    const site = await serve((req, res, { port }) => {
      reached.push(req.socket.localAddress);
      res.writeHead(302, { location: `http://rebind.test:${port}/again`, connection: 'close' }).end();
    });
    const answers = ['127.0.0.1', '127.0.0.2'];
    const rebinding = downloader({}, async () => [{ address: answers.shift() ?? '127.0.0.2', family: 4 }]);
    const error = await failure(rebinding.download(`http://rebind.test:${site.port}/`));
    expect(error.code).toBe('ADDRESS_FORBIDDEN');
    expect(reached).toEqual(['127.0.0.1']);
  });

  it('that do not exist fail at once', async () => {
    let lookups = 0;
    const nowhere = downloader({}, async () => {
      lookups++;
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    });
    expect(await failure(nowhere.download('http://nowhere.test/'))).toMatchObject({
      code: 'HOST_NOT_FOUND',
      retryable: false,
    });
    expect(lookups).toBe(1);
  });

  it('are tried again when the name server is unwell', async () => {
    const site = await serve((_, res) => res.end('photo'));
    let lookups = 0;
    const unwell = downloader({}, async () => {
      if (++lookups < 3) throw Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
      return [{ address: '127.0.0.1', family: 4 }];
    });
    expect((await unwell.download(`http://photos.test:${site.port}/`)).toString()).toBe('photo');
    expect(lookups).toBe(3);
  });
});

describe('redirects', () => {
  it('are followed, relative ones too', async () => {
    const site = await serve((req, res) => {
      if (req.url === '/a/old') res.writeHead(301, { location: '../new?size=2' }).end('moved');
      else res.end(req.url);
    });
    expect((await downloader().download(`${site.origin}/a/old`)).toString()).toBe('/new?size=2');
  });

  it.each([
    ['http://10.0.0.1/', 'ADDRESS_FORBIDDEN'],
    ['http://169.254.169.254/latest/meta-data/', 'ADDRESS_FORBIDDEN'],
    ['http://[::1]/', 'ADDRESS_FORBIDDEN'],
    ['file:///etc/passwd', 'URL_NOT_ALLOWED'],
    ['http://user:pw@127.0.0.1/', 'URL_NOT_ALLOWED'],
    ['http://', 'URL_INVALID'],
  ])('to %s are refused with %s', async (location, code) => {
    const site = await serve((_, res) => res.writeHead(302, { location }).end());
    expect((await failure(downloader().download(site.origin))).code).toBe(code);
    expect(site.requests).toHaveLength(1);
  });

  it('end after the third', async () => {
    const site = await serve((req, res) => {
      const hop = Number(req.url?.slice(1));
      if (hop === 0) res.end('arrived');
      else res.writeHead(307, { location: `/${hop - 1}` }).end();
    });
    const limited = downloader();
    expect((await limited.download(`${site.origin}/3`)).toString()).toBe('arrived');
    expect(await failure(limited.download(`${site.origin}/4`))).toMatchObject({
      code: 'TOO_MANY_REDIRECTS',
      retryable: false,
    });
  });
});

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
