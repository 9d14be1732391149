import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../src/local/service.ts';
import { type Conformance, conformanceWith } from '../openapi/conformance.ts';
import {
  Client,
  cloudOf,
  eventually,
  fastOptions,
  group,
  ownStage,
  sampleGroups,
  scratchDir,
} from './harness.ts';
import { drawPhoto, type PhotoServer, startPhotoServer } from './photo-server.ts';

let service: Service;
let photos: PhotoServer;
let client: Client;
let conformance: Conformance;
let data: Awaited<ReturnType<typeof scratchDir>>;

beforeAll(async () => {
  data = await scratchDir();
  photos = await startPhotoServer();
  service = await startService({
    stage: ownStage(),
    dataDir: data.path,
    port: 0,
    samples: true,
    apiKeys: 'local:local,globex:secret',
    env: {
      SPILLWAY_ALLOW_HTTP: 'true',
      SPILLWAY_ALLOW_ADDRESSES: '127.0.0.1/32',
      SPILLWAY_PHOTO_TIMEOUT_SECONDS: '1.5',
    },
  });
  conformance = await conformanceWith(service.url);
  client = new Client(service.url, 'local', conformance);
});

afterAll(async () => {
  await service?.stop();
  photos?.stop();
  await data?.remove();
});

const good = group([{ key: 'uploads/local/samples/mug-1.jpg' }]);
const body = (productGroups: unknown[], options: object = {}) => ({ productGroups, options });

describe('the door', () => {
  it.each([
    ['no key', ''],
    ['a wrong key', 'wrong'],
    ['a key with another case', 'LOCAL'],
  ])('answers 401 to %s, whatever the route', async (_what, key) => {
    const stranger = new Client(service.url, key);
    for (const [method, path] of [
      ['POST', '/create-products'],
      ['GET', '/jobs/job_1'],
      ['GET', '/jobs/job_1/results'],
      ['POST', '/uploads'],
    ] as const) {
      const reply = await stranger.call(method, path, method === 'POST' ? body([good]) : undefined);
      expect(reply.status).toBe(401);
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
      expect(reply.headers.get('www-authenticate')).toBe('Bearer');
      expect(reply.body).toMatchObject({
        status: 401,
        code: 'UNAUTHORIZED',
        type: 'about:blank',
        title: 'Unauthorized',
      });
    }
  });

  it('takes the key as a bearer token too, and needs none for /health', async () => {
    const stranger = new Client(service.url, '');
    const reply = await stranger.call('GET', '/jobs/job_1', undefined, { authorization: 'Bearer local' });
    expect(reply.status).toBe(404);
    expect(await stranger.call('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('answers 400 to what is not JSON', async () => {
    const reply = await client.call('POST', '/create-products', '{"productGroups": [');
    expect(reply).toMatchObject({ status: 400, body: { code: 'MALFORMED_JSON' } });
  });

  it('answers 415 to what is not declared as JSON', async () => {
    const reply = await client.call('POST', '/create-products', 'a=b', { 'content-type': 'text/plain' });
    expect(reply).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  it('answers 413 to more than 6 MB', async () => {
    const reply = await client.post([group([{ base64: 'A'.repeat(6.5 * 2 ** 20) }])]);
    expect(reply.status).toBe(413);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });

  const echo = (item: unknown) => ({ workload: 'echo', source: { items: [item] } });

  it('reads a body with a byte order mark, and refuses a compressed and a deep one in words', async () => {
    const read = await client.call('POST', '/jobs', `\uFEFF${JSON.stringify(echo({ name: 'Å' }))}`);
    expect(read).toMatchObject({ status: 200, body: { successCount: 1 } });
    const gzip = { 'content-encoding': 'gzip' };
    const compressed = await client.call('POST', '/jobs', JSON.stringify(echo(1)), gzip);
    expect(compressed).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
    expect(compressed.body.detail).toContain('compressed');
    const deep = JSON.stringify(echo('')).replace('""', `${'['.repeat(6_000)}${']'.repeat(6_000)}`);
    const refused = await client.call('POST', '/jobs', deep);
    expect(refused).toMatchObject({ status: 400, body: { code: 'TOO_DEEP' } });
  });

  it('answers HEAD with 404 or 405, as AWS does', async () => {
    const head = async (path: string) => (await fetch(`${service.url}${path}`, { method: 'HEAD' })).status;
    expect([404, 405]).toContain(await head('/jobs'));
    expect(await head('/nowhere')).toBe(404);
  });

  it('cuts an answer of more than 6 MB, which goes on where it ends', async () => {
    const items = Array.from({ length: 90 }, (_, n) => ({ n, text: 'y'.repeat(67_000) }));
    const posted = await client.call('POST', '/jobs', { workload: 'echo', source: { items } });
    const { jobId, results, cursor } = posted.body;
    expect([posted.status, jobId]).toEqual([200, expect.stringMatching(/^job_/)]);
    expect(results.length).toBeLessThan(90);
    const seen: object[] = [...results];
    for (let after: string | undefined = cursor; after !== undefined; ) {
      const page = await client.call('GET', `/jobs/${jobId}/results?cursor=${after}`);
      expect([page.status, page.body.jobId]).toEqual([200, jobId]);
      seen.push(...page.body.results);
      after = page.body.cursor;
    }
    expect(seen).toMatchObject(items.map((item, index) => ({ index, output: item })));
  });

  it('answers 404 and 405 with problem documents', async () => {
    expect(await client.call('GET', '/nowhere')).toMatchObject({ status: 404, body: { status: 404 } });
    const reply = await client.call('DELETE', '/create-products');
    expect(reply).toMatchObject({ status: 405, body: { status: 405 } });
    expect(reply.headers.get('allow')).toContain('POST');
  });

  /** JSON Schema has no words for these. */
  const beyondSchemas = new Set([
    'an empty image',
    'an image that is two',
    'a file: address',
    'the same product twice',
    'two renditions of one name',
  ]);
  const title201 = 'x'.repeat(201);
  const image = { key: 'uploads/local/samples/mug-1.jpg' };
  it.each<[string, unknown, string]>([
    ['no groups', body([]), 'productGroups'],
    ['501 groups', body(new Array(501).fill(good)), 'productGroups'],
    ['productGroups that is no list', { productGroups: 'all' }, 'productGroups'],
    ['a body that is no object', '[]', ''],
    ['no images', body([good, group([])]), 'productGroups[1].images'],
    ['21 images', body([group(new Array(21).fill(image))]), 'productGroups[0].images'],
    ['an empty image', body([group([{}])]), 'productGroups[0].images[0]'],
    [
      'an image that is two',
      body([group([{ ...image, url: 'https://example.com/a.jpg' }])]),
      'productGroups[0].images[0]',
    ],
    ['an address that is none', body([group([{ url: 'not a url' }])]), 'productGroups[0].images[0].url'],
    ['a file: address', body([group([{ url: 'file:///etc/passwd' }])]), 'productGroups[0].images[0].url'],
    [
      'a key outside uploads',
      body([group([{ key: 'jobs/x/items/0.jsonl' }])]),
      'productGroups[0].images[0].key',
    ],
    [
      'a key that climbs',
      body([group([{ key: 'uploads/local/../globex/a.jpg' }])]),
      'productGroups[0].images[0].key',
    ],
    ['no title', body([group([image], { metadata: {} })]), 'productGroups[0].metadata.title'],
    [
      'a title of 201',
      body([group([image], { metadata: { title: title201 } })]),
      'productGroups[0].metadata.title',
    ],
    [
      'a price below zero',
      body([group([image], { metadata: { title: 'x', price: -1 } })]),
      'productGroups[0].metadata.price',
    ],
    [
      'unknown metadata',
      body([group([image], { metadata: { title: 'x', colour: 'red' } })]),
      'productGroups[0].metadata.colour',
    ],
    ['an unknown field', body([{ ...good, price: 1 }]), 'productGroups[0].price'],
    ['an unknown option', body([good], { sharpen: true }), 'options.sharpen'],
    ['quality 0', body([good], { quality: 0 }), 'options.quality'],
    ['quality 101', body([good], { quality: 101 }), 'options.quality'],
    ['a bad colour', body([good], { background: 'blurple' }), 'options.background'],
    ['an unknown format', body([good], { outputFormat: 'gif' }), 'options.outputFormat'],
    ['a picture of one pixel', body([good], { maxDimension: 1 }), 'options.maxDimension'],
    ['an unknown preset', body([good], { preset: 'amazon' }), 'options.preset'],
    ['a canvas of 0 pixels', body([good], { canvas: { width: 0, height: 9 } }), 'options.canvas.width'],
    [
      'two renditions of one name',
      body([good], { renditions: ['a', 'a'].map((name) => ({ name, maxDimension: 99 })) }),
      'options.renditions[1].name',
    ],
    [
      'the same product twice',
      body([
        { ...good, productId: 'a' },
        { ...good, productId: 'a' },
      ]),
      'productGroups[1].productId',
    ],
  ])('answers 422 to %s, naming the path', async (what, request, path) => {
    expect(conformance.allows('POST', '/create-products', request)).toBe(beyondSchemas.has(what));
    const reply = await client.call('POST', '/create-products', request);
    expect(reply).toMatchObject({ status: 422, body: { status: 422, code: 'INVALID_INPUT' } });
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(reply.body.errors.map((error) => error.path)).toContain(path);
    expect(reply.body.errors.every(({ message }) => message.length > 5)).toBe(true);
  });

  it('names every path that is wrong, not only the first', async () => {
    const reply = await client.call(
      'POST',
      '/create-products',
      body([group([], { metadata: {} })], { quality: 0 }),
    );
    expect(reply.body.errors.map(({ path }) => path).sort()).toEqual([
      'options.quality',
      'productGroups[0].images',
      'productGroups[0].metadata.title',
    ]);
  });

  it.each([
    ['/jobs/job_1?wait=soon', 'wait'],
    ['/jobs/job_1?hold=1', 'hold'],
    ['/jobs/job_1/results?limit=0', 'limit'],
    ['/jobs/job_1/results?status=odd', 'status'],
    ['/jobs/job_1/results?cursor=abc', 'cursor'],
  ])('answers 422 to GET %s', async (path, name) => {
    expect(await client.call('GET', path)).toMatchObject({ status: 422, body: { errors: [{ path: name }] } });
  });

  it('answers 422 to an idempotency key that is none', async () => {
    const reply = await client.post([good], { 'idempotency-key': 'x'.repeat(256) });
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'Idempotency-Key' }] } });
  });

  it('refuses to hand out links for odd uploads', async () => {
    const files = [{ name: '../x', contentType: 'image/jpeg', bytes: 0 }];
    const reply = await client.call('POST', '/uploads', { files });
    expect(reply.body.errors.map(({ path }) => path).sort()).toEqual(['files[0].bytes', 'files[0].name']);
  });
});

describe('tenants', () => {
  const globex = () => new Client(service.url, 'secret');

  it("cannot see each other's jobs", async () => {
    const mine = await client.post([good]);
    const paths = ['', '?wait=1', '/results'].map((rest) => `/jobs/${mine.body.jobId}${rest}`);
    for (const path of paths) {
      expect((await client.call('GET', path)).status).toBe(200);
      expect(await globex().call('GET', path)).toMatchObject({
        status: 404,
        body: { code: 'JOB_NOT_FOUND' },
      });
    }
    expect(await client.call('GET', '/jobs/job_nothing')).toMatchObject({
      status: 404,
      body: { code: 'JOB_NOT_FOUND' },
    });
  });

  it("cannot use each other's uploads", async () => {
    const reply = await globex().post([good]);
    expect(reply.body.products[0]).toMatchObject({
      status: 'failed',
      error: { code: 'ALL_PHOTOS_FAILED', details: [{ code: 'PHOTO_NOT_FOUND' }] },
    });
  });

  it('use the same idempotency key for jobs of their own', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const mine = await client.post([good], headers);
    const theirs = await globex().post([good], headers);
    expect(theirs.body.jobId).not.toBe(mine.body.jobId);
  });

  it('get the same job for the same request, and 409 for another', async () => {
    const headers = { 'idempotency-key': 'order-2' };
    const first = await client.post([good], headers);
    const again = await client.post([good], headers);
    expect(again.body.jobId).toBe(first.body.jobId);
    expect(again.body.products[0]?.catalogId).toBe(first.body.products[0]?.catalogId);
    expect(await client.post([good, good], headers)).toMatchObject({
      status: 409,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });
});

describe('photos', () => {
  const notAnImage = Buffer.from('just text, nothing to see').toString('base64');

  it('that cannot be used fail alone, each with its code', async () => {
    const base64 = (await drawPhoto()).toString('base64');
    const bad: [object, string, boolean][] = [
      [{ url: photos.url('/page.jpg') }, 'PHOTO_NOT_AN_IMAGE', false],
      [{ base64: notAnImage }, 'PHOTO_NOT_AN_IMAGE', false],
      [{ url: photos.url('/truncated.jpg') }, 'PHOTO_TRUNCATED', false],
      [{ url: photos.url('/bomb.png') }, 'PHOTO_TOO_MANY_PIXELS', false],
      [{ url: photos.url('/missing.jpg') }, 'PHOTO_NOT_FOUND', false],
      [{ key: 'uploads/local/none.jpg' }, 'PHOTO_NOT_FOUND', false],
      [{ key: 'uploads/globex/a.jpg' }, 'PHOTO_NOT_FOUND', false],
      [{ url: photos.url('/large.jpg') }, 'PHOTO_TOO_LARGE', false],
      [{ url: photos.url('/never.jpg') }, 'PHOTO_TIMED_OUT', true],
    ];
    const images = [{ url: photos.url('/good.jpg') }, { base64 }, ...bad.map(([image]) => image)];
    const posted = await client.post([group(images, { productId: 'mixed' })]);
    const { successCount } = await client.ended(posted.body.jobId);
    const [product] = await client.results(posted.body.jobId);
    expect(successCount).toBe(1);
    expect(product).toMatchObject({ status: 'created', productId: 'mixed' });
    expect(product?.images).toHaveLength(2);
    expect(product?.imageErrors?.map(({ image, code, retryable }) => [image, code, retryable])).toEqual(
      bad.map(([, code, retryable], position) => [position + 2, code, retryable]),
    );
    expect(product?.imageErrors?.every(({ message }) => !message.includes('/tmp/'))).toBe(true);
    await eventually(() => (photos.openRequests() === 0 ? true : undefined));
  });

  it.each([
    'http://127.0.0.2/a.jpg',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:127.0.0.3]/a.jpg',
    'http://[::ffff:7f00:2]/a.jpg',
    'http://2130706434/a.jpg',
    'http://0x7f000002/a.jpg',
    'http://0177.0.0.2/a.jpg',
    'http://10.0.0.1/a.jpg',
    'http://192.168.1.1/a.jpg',
    'http://100.64.0.1/a.jpg',
    'http://[fc00::1]/a.jpg',
    'http://[fe80::1]/a.jpg',
    'http://0.0.0.0/a.jpg',
    '/to-metadata.jpg',
    '/to-loopback.jpg',
  ])('are never fetched from %s', async (address) => {
    const url = address.startsWith('/') ? photos.url(address) : address;
    const reply = await client.post([group([{ url }])]);
    const [failed] = await client.ended(reply.body.jobId).then(() => client.results(reply.body.jobId));
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'ALL_PHOTOS_FAILED' } });
    const details = failed?.error?.details as { code: string }[];
    expect(details.map(({ code }) => code)).toEqual(['PHOTO_ADDRESS_FORBIDDEN']);
  });

  it('leave nothing behind when the whole group fails', async () => {
    const reply = await client.post([
      group([{ base64: notAnImage }], { productId: 'nothing' }),
      ...sampleGroups(1),
    ]);
    expect(reply).toMatchObject({ status: 200, body: { status: 'partial', successCount: 1, errorCount: 1 } });
    const products = await cloudOf(service).products();
    expect(products.filter(({ productId }) => productId === 'nothing')).toEqual([]);
    expect(products.filter(({ productId }) => productId === 'sku-0')).toHaveLength(1);
  });
});

it('takes a photo through an upload link', async () => {
  const photo = await drawPhoto();
  const files = [{ name: 'red.jpg', contentType: 'image/jpeg', bytes: photo.length }];
  const { status, body } = await client.call('POST', '/uploads', { files });
  expect(status).toBe(201);
  const [upload] = body.uploads;
  const put = await fetch(upload?.url ?? '', {
    method: 'PUT',
    body: new Uint8Array(photo),
    headers: upload?.headers ?? {},
  });
  expect(put.status).toBe(200);
  const made = await client.post(
    [group([{ key: upload?.key }])],
    {},
    { ...fastOptions, outputFormat: 'png' },
  );
  expect(made.body.products[0]).toMatchObject({ status: 'created' });
  const image = made.body.products[0]?.images[0];
  const picture = await fetch(image?.url ?? '');
  expect(picture.headers.get('content-type')).toBe('image/png');
  expect(Number(picture.headers.get('content-length'))).toBe(image?.bytes);
});
