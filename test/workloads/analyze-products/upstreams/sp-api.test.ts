import { describe, expect, it } from 'vitest';
import { memoryLimitStore } from '../../../../src/memory/limit-store.ts';
import {
  createSpApi,
  type SpApiOptions,
} from '../../../../src/workloads/analyze-products/upstreams/sp-api.ts';
import { ShiftableClock } from '../../../core/jobs/surroundings.ts';
import { budget, counting, depsOf, never, seen, useClosing, useSandbox, useServers } from '../../clients.ts';

const limits = {
  searchCatalogItems: { rate: 20, per: 'second', burst: 2 },
  getCompetitivePricing: { rate: 10, per: 'second', burst: 2 },
  getMyFeesEstimates: { rate: 10, per: 'second', burst: 2 },
} as const;
const rates = {
  searchCatalogItems: { perSecond: 20, burst: 2 },
  getCompetitivePricing: { perSecond: 10, burst: 2 },
  getMyFeesEstimates: { perSecond: 10, burst: 2 },
};
const noLimits = { searchCatalogItems: null, getCompetitivePricing: null, getMyFeesEstimates: null };
const sandbox = useSandbox({
  overrides: {
    'sp-api': { latency: { kind: 'constant', ms: 20 }, limits },
    'amazon-auth': { latency: { kind: 'constant', ms: 20 } },
  },
});
const serve = useServers();
const closing = useClosing();
const key = { clientId: 'client-id', clientSecret: 'secret-of-client', refreshToken: 'secret-refresh' };

const client = (more: Partial<SpApiOptions> = {}) =>
  closing(
    createSpApi({
      ...{ key, marketplaceId: 'ATVPDKIKX0DER', rates, deps: depsOf() },
      ...{ baseUrl: sandbox().urls['sp-api'], authUrl: sandbox().urls['amazon-auth'] },
      ...more,
    }),
  );
const asin = (index: number) => `B${String(index).padStart(9, '0')}`;
const asins = (count: number) => Array.from({ length: count }, (_, index) => asin(index));
const feesOf = (about: string) => ({
  ...{ asin: about, price: { amount: 20, currency: 'USD' }, isAmazonFulfilled: true },
});
const calls = (operation: string) => seen(sandbox(), 'sp-api', operation);
const tokensAsked = () => seen(sandbox(), 'amazon-auth', 'token').calls;

describe('look-ups', () => {
  it('share calls for 20, with one token for all, and each gets its own answer', async () => {
    const one = client();
    const wanted = asins(40);
    const [items, prices, fees] = await Promise.all([
      Promise.all(wanted.map((about) => one.catalogItem(about, budget()))),
      Promise.all(wanted.map((about) => one.competitivePricing(about, budget()))),
      Promise.all(wanted.map((about) => one.feesEstimate(feesOf(about), budget()))),
    ]);
    expect(items.map((item) => item?.asin)).toEqual(wanted);
    expect(items[0]?.summaries?.[0]?.itemName).toEqual(expect.any(String));
    expect(items[0]?.salesRanks?.[0]?.displayGroupRanks?.[0]?.rank).toEqual(expect.any(Number));
    expect(new Set(prices.map(({ SalesRankings }) => SalesRankings[0]?.Rank)).size).toBeGreaterThan(30);
    expect(fees[0]?.TotalFeesEstimate).toMatchObject({ CurrencyCode: 'USD', Amount: expect.any(Number) });
    for (const operation of ['searchCatalogItems', 'getCompetitivePricing', 'getMyFeesEstimates']) {
      expect(calls(operation)).toMatchObject({ calls: 2, rejected: 0 });
    }
    expect(tokensAsked()).toBe(1);
  });

  it('tell what the marketplace does not have', async () => {
    const one = client();
    expect(await one.catalogItem('B0XXXX0001', budget())).toBeUndefined();
    const unknown = { code: 'NO_DATA', retryable: false };
    await expect(one.competitivePricing('B0XXXX0001', budget())).rejects.toMatchObject(unknown);
    await expect(one.feesEstimate(feesOf('B0XXXX0001'), budget())).rejects.toMatchObject(unknown);
  });

  it('of another marketplace go in calls of their own', async () => {
    const one = client();
    const uk = 'A1F83G8C2ARO7P';
    const [here, there] = await Promise.all([
      Promise.all(asins(3).map((about) => one.competitivePricing(about, budget()))),
      Promise.all(asins(3).map((about) => one.competitivePricing(about, budget(), uk))),
    ]);
    const currencies = [here, there].map(
      ([first]) => first?.CompetitivePricing.CompetitivePrices[0]?.Price.ListingPrice.CurrencyCode,
    );
    expect(currencies).toEqual(['USD', 'GBP']);
    expect(calls('getCompetitivePricing')).toMatchObject({ calls: 2, rejected: 0 });
  });

  it('keep to one rate for all operations, where there is one', async () => {
    const perSecond = { rate: 20, per: 'second', burst: 20 } as const;
    sandbox().configure({ api: 'sp-api', limits: { ...noLimits, calls: perSecond } });
    const one = client({ total: { perSecond: 20, burst: 20 } });
    await Promise.all([
      ...asins(300).map((about) => one.catalogItem(about, budget())),
      ...asins(300).map((about) => one.competitivePricing(about, budget())),
    ]);
    expect(['searchCatalogItems', 'getCompetitivePricing'].map(calls)).toMatchObject([
      { calls: 15, rejected: 0 },
      { calls: 15, rejected: 0 },
    ]);
  });

  it('keep the rates with another worker', async () => {
    const { store } = memoryLimitStore();
    const both = [0, 1].map(() => client({ deps: depsOf({ store }) }));
    await Promise.all(asins(400).map((about, index) => both[index % 2]?.competitivePricing(about, budget())));
    const { calls: made, rejected } = calls('getCompetitivePricing');
    expect(rejected).toBe(0);
    // Twenty in a call; a few more calls where a busy machine lets the time for gathering run out.
    expect(made).toBeGreaterThanOrEqual(20);
    expect(made).toBeLessThan(30);
  });

  it('come again where the rate was too high', async () => {
    const { counts, metrics } = counting();
    const high = { getCompetitivePricing: { perSecond: 20, burst: 6 } };
    const one = client({ rates: high, tuning: { attempts: 1 }, deps: depsOf({ metrics }) });
    const prices = await Promise.all(asins(100).map((about) => one.competitivePricing(about, budget())));
    expect(prices).toHaveLength(100);
    expect(counts.get('sp-api/Throttled')).toBeGreaterThan(0);
    expect(counts.get('sp-api/Failed')).toBeUndefined();
  });

  it('keep to the limit that answers tell', async () => {
    // As told: 4 a second, a fifth of what is kept to.
    sandbox().configure({
      api: 'sp-api',
      limits: { searchCatalogItems: { rate: 4, per: 'second', burst: 50 } },
    });
    const one = client({ gatherMs: 0 });
    await one.catalogItem(asin(0), budget());
    const startedAt = Date.now();
    for (let index = 1; index <= 8; index += 1) await one.catalogItem(asin(index), budget());
    expect(Date.now() - startedAt).toBeGreaterThan(1_400);
  });

  for (const keyStatus of [400, 500]) {
    it(`that are poisoned fail alone: ${keyStatus}`, async () => {
      const bad = asin(7);
      sandbox().configure({ api: 'sp-api', errors: { keys: [bad], keyStatus } });
      const one = client({ tuning: { attempts: 1 } });
      const wanted = asins(20);
      const lookUps = [
        (about: string): Promise<unknown> => one.catalogItem(about, budget()),
        (about: string): Promise<unknown> => one.competitivePricing(about, budget()),
        (about: string): Promise<unknown> => one.feesEstimate(feesOf(about), budget()),
      ];
      for (const lookUp of lookUps) {
        const settled = await Promise.allSettled(wanted.map((about) => lookUp(about)));
        expect(wanted.filter((_, index) => settled[index]?.status === 'rejected')).toEqual([bad]);
      }
    });
  }
});

describe('credentials', () => {
  for (const wrong of [{ clientSecret: 'invalid-secret' }, { refreshToken: 'invalid-refresh' }]) {
    it(`are refused for good: ${Object.keys(wrong)}`, async () => {
      const one = client({ key: { ...key, ...wrong } });
      const error: unknown = await one.catalogItem(asin(1), budget()).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', retryable: false });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/invalid-|secret/);
      expect(tokensAsked()).toBe(1);
    });
  }

  it('give a new token before the old one ends, once for all calls', async () => {
    const clock = new ShiftableClock();
    const one = client({ deps: depsOf({ clock }) });
    const until = (ms: number) => ({ signal: never, stopAt: clock.now() + ms });
    await one.catalogItem(asin(1), until(10_000));
    clock.shift(3_200_000);
    await one.catalogItem(asin(2), until(10_000));
    expect(tokensAsked()).toBe(1);
    clock.shift(200_000);
    await Promise.all(asins(60).map((about) => one.catalogItem(about, until(10_000))));
    expect(tokensAsked()).toBe(2);
  });

  it('give a new token when the old one is refused, once; a new one that is refused is final', async () => {
    const clock = new ShiftableClock();
    let issued = 0;
    let valid = 'token-of-1';
    const authUrl = await serve((_, response) => {
      issued += 1;
      response.end(JSON.stringify({ access_token: `token-of-${issued}`, expires_in: 3_600 }));
    });
    const seenTokens: unknown[] = [];
    const baseUrl = await serve((request, response) => {
      const token = request.headers['x-amz-access-token'];
      seenTokens.push(token);
      if (token === valid) return void response.end(JSON.stringify({ items: [] }));
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'Unauthorized', details: token }] }));
    });
    const one = client({ baseUrl, authUrl, deps: depsOf({ clock }) });
    const until = () => ({ signal: never, stopAt: clock.now() + 20_000 });
    await one.catalogItem(asin(1), until());
    clock.shift(61_000);
    valid = 'token-of-2';
    await Promise.all(asins(60).map((about) => one.catalogItem(about, until())));
    expect(issued).toBe(2);
    valid = 'none';
    const error: unknown = await one.catalogItem(asin(1), until()).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED' });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('token-of');
    expect(issued).toBe(2);
    clock.shift(61_000);
    await expect(one.catalogItem(asin(1), until())).rejects.toMatchObject({ code: 'CREDENTIALS_REFUSED' });
    expect(issued).toBe(3);
    expect(seenTokens.slice(-3)).toEqual(['token-of-2', 'token-of-2', 'token-of-3']);
  });
});
