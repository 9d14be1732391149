import { describe, expect, it } from 'vitest';
import { memoryLimitStore } from '../../../../src/memory/limit-store.ts';
import {
  createKeepa,
  type KeepaOptions,
} from '../../../../src/workloads/analyze-products/upstreams/keepa.ts';
import { productFrom, unixMs } from '../../../../src/workloads/analyze-products/upstreams/keepa-product.ts';
import { budget, counting, depsOf, seen, useClosing, useSandbox } from '../../clients.ts';

/** Tokens come back at the end of each second, as Keepa's at the end of each minute. */
const tokens = { rate: 200, per: 'second', burst: 400, refill: 'stepped', overdraft: true } as const;
const rates = { tokens: { perSecond: 200, burst: 200 } };
const sandbox = useSandbox({
  overrides: { keepa: { latency: { kind: 'constant', ms: 20 }, limits: { tokens } } },
});
const closing = useClosing();

const client = (more: Partial<KeepaOptions> = {}) =>
  closing(createKeepa({ key: 'secret-key', baseUrl: sandbox().urls.keepa, rates, deps: depsOf(), ...more }));
const asin = (index: number) => `B${String(index).padStart(9, '0')}`;
const asins = (count: number) => Array.from({ length: count }, (_, index) => asin(index));
const calls = () => seen(sandbox(), 'keepa', 'product');

describe('look-ups', () => {
  it('share calls, and each gets its own product, or nothing for one that Keepa does not know', async () => {
    const one = client();
    const wanted = [...asins(60), 'B0XXXX0001', ...asins(3)];
    const found = await Promise.all(wanted.map((key) => one.product(key, budget())));
    expect(found.map((product) => product?.asin)).toEqual(
      wanted.map((key) => (key === 'B0XXXX0001' ? undefined : key)),
    );
    expect(calls().calls).toBe(1);
    expect(found[0]).toMatchObject({
      title: expect.any(String),
      current: { new: expect.any(Number), salesRank: expect.any(Number) },
      mean90: { new: expect.any(Number) },
      history: {},
    });
  });

  it('keep the tokens with another worker', async () => {
    const { store } = memoryLimitStore();
    const both = [0, 1].map(() => client({ deps: depsOf({ store }) }));
    const wanted = asins(600);
    const found = await Promise.all(wanted.map((key, index) => both[index % 2]?.product(key, budget())));
    expect(found.map((product) => product?.asin)).toEqual(wanted);
    expect(calls().rejected).toBe(0);
    expect(calls().calls).toBeLessThanOrEqual(8);
  });

  it('of another domain go in calls of their own, which have a rate too where one is set', async () => {
    const calledAt = { rate: 10, per: 'second', burst: 10 } as const;
    sandbox().configure({ api: 'keepa', limits: { calls: calledAt } });
    const one = client({ rates: { ...rates, calls: { perSecond: 10, burst: 10 } } });
    const domains = Array.from({ length: 12 }, (_, at) => at + 1);
    const found = await Promise.all(domains.map((domain) => one.product(asin(1), budget(), domain)));
    expect(found.map((product) => product?.asin)).toEqual(domains.map(() => asin(1)));
    expect(calls()).toMatchObject({ calls: 12, rejected: 0 });
  });

  it('come again when the tokens are spent', async () => {
    const { counts, metrics } = counting();
    const one = client({
      rates: { tokens: { perSecond: 10_000, burst: 10_000 } },
      tuning: { attempts: 1 },
      deps: depsOf({ metrics }),
    });
    const wanted = asins(700);
    const found = await Promise.all(wanted.map((key) => one.product(key, budget())));
    expect(found.map((product) => product?.asin)).toEqual(wanted);
    expect(counts.get('keepa/Throttled')).toBeGreaterThan(0);
    expect(counts.get('keepa/Failed')).toBeUndefined();
  });

  for (const keyStatus of [400, 500]) {
    it(`that spoil their call with a ${keyStatus} fail alone`, async () => {
      const bad = asin(5);
      sandbox().configure({ api: 'keepa', errors: { keys: [bad], keyStatus } });
      const one = client({ tuning: { attempts: 1 } });
      const wanted = asins(12);
      const settled = await Promise.allSettled(wanted.map((key) => one.product(key, budget())));
      const failed = wanted.filter((_, index) => settled[index]?.status === 'rejected');
      expect(failed).toEqual([bad]);
    });
  }

  it('are refused for good for a wrong key', async () => {
    const error: unknown = await client({ key: 'invalid-secret' })
      .product(asin(1), budget())
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', retryable: false });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('invalid-secret');
    expect(calls().calls).toBe(1);
  });
});

describe('a product', () => {
  it('has histories where they are asked for', async () => {
    const product = await client({ history: true }).product(asin(7), budget());
    const { current, history } = product ?? {};
    const last = history?.new?.at(-1);
    expect(last?.value).toBe(current?.new);
    expect(last?.at).toBeGreaterThan(Date.now() - 7 * 86_400_000);
    expect(last?.at).toBeLessThanOrEqual(Date.now());
    const buyBox = history?.buyBox?.at(-1);
    expect((buyBox?.value ?? 0) + (buyBox?.shipping ?? 0)).toBe(current?.buyBox);
    expect(history?.buyBox?.length).toBeGreaterThan(5);
  });

  it("is decoded: -1 is nothing, minutes are Keepa's, shipping stands beside prices", () => {
    const at = (place: number, value: number | number[]) =>
      Array.from({ length: 36 }, (_, index) => (index === place ? value : -1));
    const product = productFrom({
      asin: 'B000000001',
      productType: 0,
      stats: { current: at(1, 1_999), avg30: at(16, 45), avg90: at(0, [1, 2]) },
      csv: Array.from({ length: 36 }, (_, place) => {
        if (place === 1) return [7_000_000, 1_999, 7_000_060, -1];
        return place === 18 ? [7_000_000, 2_099, 499, 7_000_060, -1, -1] : null;
      }),
    });
    expect(product).toEqual({
      asin: 'B000000001',
      title: undefined,
      brand: undefined,
      current: { new: 1_999 },
      mean30: { rating: 45 },
      mean90: {},
      history: {
        new: [
          { at: unixMs(7_000_000), value: 1_999 },
          { at: unixMs(7_000_060), value: undefined },
        ],
        buyBox: [
          { at: unixMs(7_000_000), value: 2_099, shipping: 499 },
          { at: unixMs(7_000_060), value: undefined, shipping: undefined },
        ],
      },
    });
    expect(new Date(unixMs(0)).toISOString()).toBe('2011-01-01T00:00:00.000Z');
  });
});
