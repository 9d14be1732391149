import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { useSandbox } from '../http.ts';

const { call, get, post, sandbox } = useSandbox();
interface Envelope {
  tokensLeft: number;
  tokensConsumed: number;
  refillIn: number;
  error: { type: string; message: string };
  products: readonly [Product, Product];
}

interface Product {
  title: string;
  csv: readonly (number[] | null)[] | null;
  stats: { current: number[]; avg30: number[]; avg90: number[] } | null;
}

const asin = 'B000000001';
const ask = (query: Record<string, string>) =>
  get<Envelope>('keepa', `/product?${new URLSearchParams({ key: 'k', domain: '1', asin, ...query })}`);

describe('a product', () => {
  it('has statistics in its own units, and no history unless asked', async () => {
    const { status, body } = await ask({ stats: '90', history: '0' });
    expect(status).toBe(200);
    const [product] = body.products;
    expect(product).toMatchObject({ asin, productType: 0, title: expect.any(String), csv: null });
    const { current = [], avg30 = [], avg90 = [] } = product.stats ?? {};
    expect(current).toHaveLength(36);
    const [amazon, fresh, , sales] = current;
    expect(Number.isInteger(amazon)).toBe(true);
    expect(fresh).toBeGreaterThan(100);
    expect(sales).toBeGreaterThan(0);
    expect(current[16]).toBeGreaterThanOrEqual(10);
    expect(current[16]).toBeLessThanOrEqual(50);
    expect(current[2]).toBe(-1);
    expect(avg30[1]).toBeGreaterThan(0);
    expect(avg90[1]).toBeGreaterThan(0);
  });

  it('has a history of pairs, or of triples where shipping counts, in its own minutes', async () => {
    const { body } = await ask({ history: '1' });
    const [{ csv, stats }] = body.products;
    expect(stats).toBeNull();
    const ascending = (values: readonly number[], step: number) =>
      values.filter((_, index) => index % step === 0);
    for (const [place, step] of [
      [1, 2],
      [18, 3],
    ] as const) {
      const series = csv?.[place] ?? [];
      expect(series.length).toBeGreaterThan(0);
      expect(series.length % step).toBe(0);
      const times = ascending(series, step);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
      const last = ((times.at(-1) ?? 0) + 21_564_000) * 60_000;
      expect(Math.abs(Date.now() - last)).toBeLessThan(10 * 86_400_000);
    }
    expect(csv?.[2]).toBeNull();
  });

  it('is the same that the Selling Partner API tells of', async () => {
    const token = await call<{ access_token: string }>(`${sandbox().urls['amazon-auth']}/auth/o2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'refresh_token', refresh_token: 'r', client_id: 'c', client_secret: 's' },
      }),
    });
    const path = `/catalog/2022-04-01/items/${asin}?marketplaceIds=ATVPDKIKX0DER`;
    const item = await get('sp-api', path, { 'x-amz-access-token': token.body.access_token });
    const { body } = await ask({});
    expect(item.body).toMatchObject({ summaries: [{ itemName: body.products[0].title }] });
  });

  it('that is unknown has the type 4 and no data', async () => {
    const { body } = await ask({ asin: `${asin},B0XXXX0001`, stats: '30' });
    expect(body.products[1]).toMatchObject({ productType: 4, title: null, stats: null });
    expect(body.tokensConsumed).toBe(2);
  });
});

it('is always compressed, whatever the caller accepts', async () => {
  const { request } = await import('undici');
  const url = `${sandbox().urls.keepa}/product?key=k&domain=1&asin=${asin}`;
  const { headers, body } = await request(url, { headers: { 'accept-encoding': 'identity' } });
  expect(headers['content-encoding']).toBe('gzip');
  const text = gunzipSync(Buffer.from(await body.arrayBuffer())).toString();
  expect(JSON.parse(text)).toMatchObject({ tokensConsumed: 1 });
});

describe('tokens', () => {
  it('are told with every answer, in the caller’s time', async () => {
    const { body } = await ask({});
    expect(body).toMatchObject({ tokensLeft: 1199, tokensConsumed: 1, refillRate: 2000 });
    expect(body.refillIn).toBeGreaterThan(0);
    expect(body.refillIn).toBeLessThanOrEqual(600);
    expect((await get<Envelope>('keepa', '/token?key=k')).body.tokensConsumed).toBe(0);
  });

  it('may be overdrawn by one call; then there are none until the debt is paid', async () => {
    sandbox().configure({ api: 'keepa', limits: { tokens: { rate: 1, per: 'day', burst: 1 } } });
    const many = Array.from({ length: 50 }, (_, index) => `B0${index}`.padEnd(10, '0')).join(',');
    const first = await ask({ asin: many });
    expect([first.status, first.body.tokensLeft]).toEqual([200, -49]);
    const second = await ask({});
    expect(second.status).toBe(429);
    expect(second.body).toMatchObject({ tokensLeft: -49, tokensConsumed: 0 });
    expect(second.body.products).toBeUndefined();
    expect(second.body.refillIn).toBeGreaterThan(0);
  });
});

it('refuses a wrong key', async () => {
  const { status, body } = await ask({ key: 'invalid' });
  expect([status, body.tokensConsumed, body.error.message]).toEqual([402, 0, expect.stringContaining('key')]);
});

it.each([
  { domain: '99' },
  { domain: 'com' },
  { asin: '' },
  { asin: new Array(101).fill(asin).join(',') },
  { stats: 'x' },
])('refuses %j', async (query) => {
  const { status, body } = await ask(query);
  expect([status, body.error.type, body.tokensConsumed]).toEqual([400, 'invalidParameter', 0]);
});

it('takes no POST', async () => {
  expect((await post('keepa', '/product', {})).status).toBe(404);
});
