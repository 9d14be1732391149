import { describe, expect, it } from 'vitest';
import { downloader, failure, serve } from './download-site.ts';

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
