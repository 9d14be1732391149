import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAddressGuard } from '../../../src/core/http/addresses.ts';
import {
  type Asked,
  guardedRequests,
  type RequestPolicy,
  type RequestTools,
} from '../../../src/core/http/guarded-request.ts';
import { RequestFault } from '../../../src/core/http/request-fault.ts';
import { serve } from './download-site.ts';

const policy: RequestPolicy = { allowHttp: true, timeoutMs: 5_000, maxBytes: 1_000 };
const here = createAddressGuard(['127.0.0.1/32']);

/** One request under a policy; its answer, or the fault's kind. */
async function asked(request: Asked, more: Partial<RequestPolicy> = {}, tools?: RequestTools) {
  const requests = guardedRequests({ ...policy, ...more }, tools);
  onTestFinished(() => requests.close());
  return requests
    .within(undefined, (ask) => ask(request))
    .catch((error) => {
      expect(error).toBeInstanceOf(RequestFault);
      return error.kind as string;
    });
}

describe('a URL of the service itself', () => {
  it('may lead to any address', async () => {
    const site = await serve((_, res) => res.end('here'));
    expect(await asked({ url: new URL(site.origin) })).toMatchObject({
      status: 200,
      body: Buffer.from('here'),
    });
  });
});

describe('a stranger’s URL, whatever is sent there', () => {
  const method = 'POST';

  it.each([
    ['http://127.0.0.1:25/', 'url-not-allowed'],
    ['http://user:pw@127.0.0.1/', 'url-not-allowed'],
    ['http://10.0.0.1/', 'address-forbidden'],
    ['http://[::ffff:10.0.0.1]/', 'address-forbidden'],
    ['file:///etc/passwd', 'url-not-allowed'],
    ['nonsense', 'url-invalid'],
  ])('%s is refused: %s', async (url, kind) => {
    expect(await asked({ url, method, body: 'x' }, { addresses: here })).toBe(kind);
  });

  it.each(['localhost', 'app.localhost', 'localhost.'])('%s is refused without a look-up', async (host) => {
    const resolve = () => {
      throw new Error('It must not be looked up');
    };
    const nowhere = createAddressGuard([]);
    expect(await asked({ url: `http://${host}:8080/` }, { addresses: nowhere }, { resolve })).toBe(
      'address-forbidden',
    );
  });

  it('is connected to where it was checked, not where the name leads a moment later', async () => {
    const site = await serve((_, res) => res.end('once'));
    const answers = ['127.0.0.1', '10.0.0.1'];
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }];
    const url = `http://rebind.test:${site.port}/`;
    expect(await asked({ url }, { addresses: here }, { resolve })).toMatchObject({ status: 200 });
    expect(answers).toEqual(['10.0.0.1']);
    expect(
      await asked(
        { url },
        { addresses: here },
        { resolve: async () => [{ address: '10.0.0.1', family: 4 }] },
      ),
    ).toBe('address-forbidden');
    expect(site.requests).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('that redirects is one like any other unless redirects are followed', async () => {
    const site = await serve((_, res) => res.writeHead(302, { location: 'http://10.0.0.1/' }).end());
    expect(await asked({ url: site.origin }, { addresses: here })).toMatchObject({ status: 302 });
    expect(await asked({ url: site.origin }, { addresses: here, maxRedirects: 1 })).toBe('address-forbidden');
    expect(await asked({ url: site.origin }, { maxRedirects: 0 })).toBe('too-many-redirects');
  });

  it.each([
    ['as long as it may be', 1_000, { status: 200, body: Buffer.alloc(1_000) }],
    ['longer than it may be', 1_001, 'too-large'],
  ])('is unpacked, and may be %s', async (_, bytes, expected) => {
    const site = await serve((_, res) =>
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(bytes))),
    );
    const answer = await asked({ url: site.origin }, { gzip: true });
    if (typeof expected === 'string') expect(answer).toBe(expected);
    else expect(answer).toMatchObject(expected);
  });

  it('that nobody reads is let go', async () => {
    const closed = Promise.withResolvers<void>();
    const site = await serve((_, res) => {
      res.on('close', closed.resolve);
      res.write('the first of many');
    });
    const answer = await asked({ url: site.origin, reads: () => false });
    expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    await closed.promise;
  });
});

it('several requests share the time of one piece of work', async () => {
  const site = await serve((_, res) => void setTimeout(() => res.end('slow'), 120));
  const requests = guardedRequests({ ...policy, timeoutMs: 300 });
  onTestFinished(() => requests.close());
  const work = requests.within(undefined, async (ask) => {
    for (let n = 0; n < 20; n += 1) await ask({ url: site.origin });
  });
  await expect(work).rejects.toMatchObject({ kind: 'timed-out' });
  expect(site.requests.length).toBeLessThan(5);
});
