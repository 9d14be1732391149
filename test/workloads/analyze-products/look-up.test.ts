import { describe, expect, it } from 'vitest';
import { UpstreamError } from '../../../src/core/http/upstream-error.ts';
import { termsOf } from '../../../src/workloads/analyze-products/analysis.ts';
import { lookUp } from '../../../src/workloads/analyze-products/look-up.ts';
import { itemSchema, optionsSchema } from '../../../src/workloads/analyze-products/schema.ts';
import type { KeepaProduct } from '../../../src/workloads/analyze-products/upstreams/keepa-product.ts';
import type { SpApi } from '../../../src/workloads/analyze-products/upstreams/sp-api.ts';
import type { CompetitivePricing } from '../../../src/workloads/analyze-products/upstreams/sp-api-answers.ts';
import { budget } from '../clients.ts';

const marketplaceId = 'ATVPDKIKX0DER';
const usd = (Amount: number) => ({ CurrencyCode: 'USD', Amount });
const noData = () =>
  Promise.reject(new UpstreamError('NO_DATA', 'Amazon has none', { details: { upstream: 'sp-api' } }));

function pricing(Price: object = { ListingPrice: usd(20) }, CompetitivePriceId = '1'): CompetitivePricing {
  return {
    CompetitivePricing: {
      CompetitivePrices: [{ CompetitivePriceId, Price: Price as { ListingPrice: ReturnType<typeof usd> } }],
      NumberOfOfferListings: [
        { Count: 9, condition: 'Any' },
        { Count: 4, condition: 'New' },
      ],
    },
    SalesRankings: [],
  };
}

const keepa: KeepaProduct = {
  ...{ asin: 'B000000001', title: 'From Keepa', brand: undefined, history: {}, mean30: {} },
  ...{ current: { salesRank: 77, amazon: 1_999 }, mean90: { salesRank: 80, new: 2_100 } },
  ...{ soldLastMonth: undefined, rankDrops30: 12 },
};

/** Looks a product up where the APIs answer so; tells what was asked about fees. */
async function found(
  more: Partial<SpApi> & { product?: () => Promise<KeepaProduct | undefined> } = {},
  columns = {},
) {
  const asked: unknown[] = [];
  const spApi: SpApi = {
    catalogItem: async (asin) => ({
      asin,
      summaries: [{ marketplaceId, itemName: 'Kettle', brand: 'Ada' }],
      dimensions: [{ marketplaceId, package: { weight: { unit: 'pounds', value: 2 } } }],
      salesRanks: [
        {
          marketplaceId,
          displayGroupRanks: [{ title: 'Kitchen', rank: 500, websiteDisplayGroup: 'kitchen' }],
        },
      ],
    }),
    competitivePricing: async () => pricing(),
    feesEstimate: async (query) => {
      asked.push(query);
      return { TotalFeesEstimate: usd(6.49), FeeDetailList: [] };
    },
    close: async () => {},
    ...more,
  };
  const product = more.product ?? (async () => keepa);
  const terms = termsOf(
    itemSchema.parse({ asin: 'B000000001', cost: 1, ...columns }),
    optionsSchema.parse({}),
  );
  const known = await lookUp(terms, { spApi, keepa: { product, close: async () => {} } }, 'FBA', budget());
  return { ...known, asked };
}

describe('a product', () => {
  it('is what the three of them tell', async () => {
    const { facts, price, fees, asked } = await found();
    expect(facts).toEqual({
      ...{ title: 'Kettle', brand: 'Ada', category: 'Kitchen', weightKg: 0.90718474, offers: 4, rank: 500 },
      ...{ meanRank: 80, meanPrice: 2_100, salesPerMonth: 12, amazonSells: true, history: true },
    });
    expect({ price, fees }).toEqual({ price: 2_000, fees: 649 });
    expect(asked).toEqual([
      { asin: 'B000000001', price: { amount: 20, currency: 'USD' }, isAmazonFulfilled: true },
    ]);
  });

  it('costs what the customer pays in all', async () => {
    const both = { ListingPrice: usd(20), Shipping: usd(4.99) };
    expect((await found({ competitivePricing: async () => pricing(both) })).price).toBe(2_499);
    const landed = { ...both, LandedPrice: usd(22) };
    expect((await found({ competitivePricing: async () => pricing(landed) })).price).toBe(2_200);
  });

  it('has the price that the row gives', async () => {
    const { price, asked } = await found({ competitivePricing: noData }, { price: '31.5' });
    expect(price).toBe(3_150);
    expect(asked).toHaveLength(1);
  });

  it("has Amazon's own figure of its sales, where there is one", async () => {
    const { facts } = await found({ product: async () => ({ ...keepa, soldLastMonth: 300 }) });
    expect(facts.salesPerMonth).toBe(300);
  });

  it('without a price is not asked the fees of', async () => {
    for (const competitivePricing of [
      noData,
      async () => pricing({ ListingPrice: usd(20) }, '2'),
      async () => pricing({ ListingPrice: { CurrencyCode: 'CAD', Amount: 20 } }),
    ]) {
      const { price, fees, asked } = await found({ competitivePricing });
      expect({ price, fees, asked }).toEqual({ price: undefined, fees: undefined, asked: [] });
    }
  });

  it('may have no fees and no history', async () => {
    expect((await found({ feesEstimate: noData })).fees).toBeUndefined();
    expect((await found({ feesEstimate: async () => ({ FeeDetailList: [] }) })).fees).toBeUndefined();
    const { facts } = await found({ product: async () => undefined });
    expect(facts).toMatchObject({ history: false, amazonSells: undefined, rank: 500 });
  });

  it('that the marketplace does not have fails', async () => {
    await expect(found({ catalogItem: async () => undefined })).rejects.toMatchObject({
      ...{ code: 'ASIN_NOT_FOUND', retryable: false },
    });
  });

  it('fails with what an API fails with', async () => {
    const failing = () =>
      Promise.reject(
        new UpstreamError('UPSTREAM_FAILED', '503', { retryable: true, details: { upstream: 'x' } }),
      );
    for (const one of ['catalogItem', 'competitivePricing', 'feesEstimate', 'product']) {
      await expect(found({ [one]: failing })).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    }
  });
});
