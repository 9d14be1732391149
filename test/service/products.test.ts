import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClient } from '../../src/client/client.ts';
import type { Product } from '../../src/client/contract.ts';
import { type Service, startService } from '../../src/local/service.ts';
import { spillway } from '../cli/command.ts';
import { type Conformance, conformanceWith } from '../openapi/conformance.ts';
import { shirt } from '../workloads/create-products/products.ts';
import { Client, cloudOf, fastOptions, ownStage, scratchDir } from './harness.ts';

let service: Service;
let client: Client;
let conformance: Conformance;
let data: Awaited<ReturnType<typeof scratchDir>>;

beforeAll(async () => {
  data = await scratchDir();
  service = await startService({
    stage: ownStage(),
    dataDir: data.path,
    port: 0,
    samples: true,
    apiKeys: 'local:local,globex:secret,large:large',
  });
  conformance = await conformanceWith(service.url);
  client = new Client(service.url, 'local', conformance);
});

afterAll(async () => {
  await service?.stop();
  await data?.remove();
});

const photo = (name: string) => ({ key: `uploads/local/samples/${name}.jpg` });
const options = { ...fastOptions, removeBackground: false };
const api = (key: string) => openClient({ endpoint: service.url, key });

async function make(productId: string, metadata: object = shirt): Promise<string> {
  const images = [photo('mug-1'), photo('mug-2')];
  const { status, body } = await client.post([{ productId, images, metadata }], {}, options);
  expect([status, body.status]).toEqual([200, 'completed']);
  return body.products[0]?.catalogId ?? '';
}

async function partsOf(file: AsyncIterable<string>): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of file) parts.push(part);
  return parts;
}

describe('products', () => {
  it('are read back as they were made, changed, and gone with their pictures', async () => {
    const id = await make('TEE-1');
    const { body } = await client.call('GET', `/products/${id}`);
    const product = body as unknown as Product;
    expect(product).toMatchObject({ catalogId: id, productId: 'TEE-1', metadata: shirt, images: [{}, {}] });
    const urls = product.images.map(({ url }) => url);
    for (const url of urls) expect((await fetch(url)).status).toBe(200);

    const patch = { metadata: { price: '18.00', compareAtPrice: null, custom: { material: null } } };
    const { body: changed } = await client.call('PATCH', `/products/${id}`, patch);
    const { compareAtPrice: _, ...rest } = shirt;
    const custom = { 'details.wash': 40, organic: true };
    expect(Object(changed).metadata).toEqual({ ...rest, price: '18.00', custom });

    for (const _time of [1, 2]) expect((await client.call('DELETE', `/products/${id}`)).status).toBe(204);
    const { status, body: problem } = await client.call('GET', `/products/${id}`);
    expect([status, problem.code]).toEqual([404, 'PRODUCT_NOT_FOUND']);
    for (const url of urls) expect((await fetch(url)).status).toBe(404);
  });

  it('refuse a change that would spoil them, at its place, and stay as they are', async () => {
    const id = await make('TEE-2');
    const before = await api('local').getProduct(id);
    const wrong = async (metadata: unknown) => {
      const { status, body } = await client.call('PATCH', `/products/${id}`, { metadata });
      return [status, ...body.errors.map(({ path }) => path)];
    };
    expect(await wrong({ title: null })).toEqual([422, 'metadata.title']);
    expect(await wrong({ price: 'free', currency: 'euro' })).toEqual([
      422,
      'metadata.currency',
      'metadata.price',
    ]);
    expect(await wrong({ options: null })).toEqual([422, 'metadata.options']);
    expect(await wrong({ colour: 'red' })).toEqual([422, 'metadata.colour']);
    const variants = [{ optionValues: { Size: 'S', Colour: 'Red, dark' }, images: [7] }];
    expect(await wrong({ variants })).toEqual([422, 'metadata.variants[0].images[0]']);
    expect(await wrong([1])).toEqual([422, 'metadata']);
    const { updatedAt, metadata } = await api('local').getProduct(id);
    expect({ updatedAt, metadata }).toEqual({ updatedAt: before.updatedAt, metadata: before.metadata });
  });

  it('belong to their tenant alone', async () => {
    const id = await make('TEE-3');
    const stranger = new Client(service.url, 'secret', conformance);
    expect((await stranger.call('GET', '/products')).body.products).toEqual([]);
    expect((await stranger.call('GET', `/products/${id}`)).status).toBe(404);
    expect((await stranger.call('PATCH', `/products/${id}`, { metadata: {} })).status).toBe(404);
    expect((await stranger.call('DELETE', `/products/${id}`)).status).toBe(204);
    expect(await api('local').getProduct(id)).toMatchObject({ images: [{}, {}] });
    const nobody = new Client(service.url, '');
    for (const path of ['', '/export?format=jsonl', `/${id}`])
      expect((await nobody.call('GET', `/products${path}`)).status).toBe(401);
  });

  it.each(['limit=0', 'limit=201', 'cursor=prod_1', 'page=2'])('are not listed by %s', async (query) => {
    expect((await client.call('GET', `/products?${query}`)).status).toBe(422);
  });

  it.each(['', 'format=xml', 'format=jsonl&cursor=1'])('are not exported by %j', async (query) => {
    const { status, body } = await client.call('GET', `/products/export?${query}`);
    expect([status, body.code]).toEqual([422, 'INVALID_INPUT']);
  });
});

describe('many products', () => {
  const count = 130;
  const idOf = (n: number) => `prod_${String(n).padStart(24, '0')}`;

  // Each as large as one may be: two answers cannot hold them.
  beforeAll(async () => {
    const { addProduct } = cloudOf(service);
    const custom = Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`f${n}`, '"'.repeat(2_500)]));
    const at = new Date().toISOString();
    const fields = { metadata: { title: 'Large', custom }, images: [], createdAt: at, updatedAt: at };
    await Promise.all(
      Array.from({ length: count }, (_, n) =>
        addProduct({ tenant: 'large', catalogId: idOf(n), productId: `p-${n}`, ...fields }),
      ),
    );
  });

  it('come in as many pages as they need, each once and in order', async () => {
    const ids: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await api('large').listProducts({ limit: 200, ...(cursor && { cursor }) });
      ids.push(...page.products.map(({ catalogId }) => catalogId));
      pages += 1;
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    expect(ids).toEqual(Array.from({ length: count }, (_, n) => idOf(n)));
    expect(pages).toBeGreaterThan(2);
    const last = await api('large').listProducts({ limit: 1, cursor: idOf(count - 2) });
    expect(last).toMatchObject({ products: [{ catalogId: idOf(count - 1) }] });
    expect(last).not.toHaveProperty('cursor');
  });

  it('are exported in parts that make one file', async () => {
    const parts = await partsOf(api('large').exportProducts({ format: 'shopify-csv', fields: 'f0' }));
    expect(parts.length).toBe(1);
    const lines = await partsOf(api('large').exportProducts({ format: 'jsonl' }));
    expect(lines.length).toBeGreaterThan(2);
    const ids = lines
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).catalogId);
    expect(ids).toEqual(Array.from({ length: count }, (_, n) => idOf(n)));
  });
});

it('the command lists, shows, exports and deletes products', async () => {
  const id = await make('TEE-9');
  const run = async (...args: string[]) => {
    const env = { SPILLWAY_ENDPOINT: service.url, SPILLWAY_API_KEY: 'local' };
    return spillway(data.path, ['products', ...args], env);
  };
  const listed = await run('list');
  expect(listed.stdout).toMatch(new RegExp(`${id} +TEE-9 +Tee, "organic" +19.90 EUR +2 `));
  expect(JSON.parse((await run('get', id)).stdout)).toMatchObject({ catalogId: id, metadata: shirt });
  const exported = await run(
    'export',
    '--format',
    'woocommerce-csv',
    '--fields',
    'material',
    '--output',
    'out.csv',
  );
  expect(exported).toMatchObject({ code: 0, stdout: '' });
  const file = readFileSync(join(data.path, 'out.csv'), 'utf8');
  expect(file).toMatch(/^ID,Type,SKU,.*,Meta: material\r\n/);
  expect(file).toContain(',variation,TEE-S,');
  expect(await run('export', '--format', 'xml')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/INVALID_INPUT[\s\S]*format: .*shopify-csv/),
  });
  expect(await run('delete', id, 'prod_none')).toMatchObject({ code: 0, stdout: '' });
  expect(await run('get', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('PRODUCT_NOT_FOUND'),
  });
});
