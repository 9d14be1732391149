import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse, type Known, termsOf } from '../../../src/workloads/analyze-products/analysis.ts';
import type { Facts } from '../../../src/workloads/analyze-products/facts.ts';
import { figuresOf, landedCost, percentOf } from '../../../src/workloads/analyze-products/figures.ts';
import { exchangeRate, fromMinor, toMinor } from '../../../src/workloads/analyze-products/money.ts';
import { itemSchema, optionsSchema } from '../../../src/workloads/analyze-products/schema.ts';

const minor = fc.integer({ min: 0, max: 10_000_000 });
const percent = fc.integer({ min: 0, max: 100 });

describe('figures', () => {
  it('come out as by hand', () => {
    // 39.99 with 20% VAT in it: 33.325 net; 15% of the price and 3.50 go to Amazon.
    const landed = landedCost({
      cost: 900,
      shipping: 60,
      freightPerKg: 150,
      weightKg: 0.8,
      prepCost: 25,
      dutyPercent: 4.5,
    });
    expect(landed).toBe(900 + 60 + 120 + 41 + 25);
    expect(figuresOf({ price: 3_999, fees: 950, landed, vatPercent: 20 })).toEqual({
      vat: 667,
      profit: 1_236,
      marginPercent: 37.1,
      roiPercent: 107.9,
    });
  });

  it('add up to the price, to the cent', () => {
    fc.assert(
      fc.property(minor, minor, minor, percent, (price, fees, landed, vatPercent) => {
        const { vat, profit } = figuresOf({ price, fees, landed, vatPercent });
        expect(vat + fees + landed + profit).toBe(price);
        expect(vat).toBeGreaterThanOrEqual(0);
        expect(vat).toBeLessThanOrEqual(price);
      }),
    );
  });

  it('have no share of nothing', () => {
    expect(figuresOf({ price: 0, fees: 10, landed: 0, vatPercent: 20 })).toMatchObject({
      marginPercent: undefined,
      roiPercent: undefined,
    });
    expect(percentOf(-1, 10_000)).toBe(0);
    expect(Object.is(percentOf(-1, 10_000), 0)).toBe(true);
  });

  it('say profit, margin and ROI of the same sign', () => {
    fc.assert(
      fc.property(minor, minor, minor, percent, (price, fees, landed, vatPercent) => {
        const { profit, marginPercent = 0, roiPercent = 0 } = figuresOf({ price, fees, landed, vatPercent });
        // Rounded to nothing at most.
        expect([0, Math.sign(profit)]).toContain(Math.sign(marginPercent));
        expect([0, Math.sign(profit)]).toContain(Math.sign(roiPercent));
      }),
    );
  });

  it('cost more, the more there is of anything', () => {
    const costs = fc.record({
      ...{ cost: minor, shipping: minor, freightPerKg: minor, prepCost: minor },
      ...{ weightKg: fc.double({ min: 0, max: 100, noNaN: true }), dutyPercent: percent },
    });
    fc.assert(
      fc.property(costs, fc.constantFrom('cost', 'weightKg', 'dutyPercent', 'prepCost'), (before, what) => {
        const after = { ...before, [what]: before[what] + 1 };
        expect(landedCost(after)).toBeGreaterThanOrEqual(landedCost(before));
        expect(landedCost(before)).toBeGreaterThanOrEqual(before.cost + before.shipping + before.prepCost);
      }),
    );
  });
});

describe('money', () => {
  it('is exact in minor units, there and back', () => {
    fc.assert(
      fc.property(minor, fc.constantFrom('USD', 'JPY'), (amount, currency) => {
        expect(toMinor(fromMinor(amount, currency), currency)).toBe(amount);
      }),
    );
    expect(toMinor(1.005, 'USD')).toBe(101);
    expect(toMinor(1_299.5, 'JPY')).toBe(1_300);
    expect(fromMinor(1_299, 'JPY')).toBe(1_299);
  });

  it('is exchanged by what currencies are worth', () => {
    const exchange = { EUR: 1.1, GBP: 1.32 };
    expect(exchangeRate('EUR', 'USD', exchange, 'USD')).toBe(1.1);
    expect(exchangeRate('GBP', 'EUR', exchange, 'USD')).toBeCloseTo(1.2);
    expect(exchangeRate('CHF', 'CHF', {}, 'USD')).toBe(1);
    expect(() => exchangeRate('CHF', 'USD', exchange, 'USD')).toThrow(
      expect.objectContaining({ code: 'CURRENCY_UNKNOWN' }),
    );
  });
});

const facts: Facts = {
  ...{ title: 'Kettle', brand: 'Ada', category: 'Kitchen', weightKg: 1, offers: 3, rank: 900 },
  ...{ meanRank: 1_000, meanPrice: 3_000, salesPerMonth: 40, amazonSells: false, history: true },
};
const row = (more: Record<string, unknown> = {}) =>
  itemSchema.parse({ asin: 'B000000001', cost: '10', ...more });
const analysis = (known: Partial<Known> = {}, columns = {}, options = {}) =>
  analyse(termsOf(row(columns), optionsSchema.parse(options)), { facts, price: 3_000, fees: 700, ...known });

describe('a verdict', () => {
  it('is to buy where all is well', () => {
    expect(analysis()).toMatchObject({
      verdict: 'buy',
      reasons: 'ROI 130%, margin 43.3%, about 40 sales a month or more',
      landed_cost: 10,
      fees: 7,
      profit: 13,
      price_currency: 'USD',
    });
  });

  const poor: [string, Parameters<typeof analysis>, string][] = [
    ['ROI', [{}, { cost: '20' }], 'ROI 15% is under 30%'],
    ['margin', [{ fees: 1_550 }, {}, { thresholds: { marginPercent: 20 } }], 'margin 15% is under 20%'],
    ['profit', [{ price: 500, fees: 100 }, { cost: 2 }], 'profit 2 USD is under 3 USD'],
  ];
  for (const [name, args, reason] of poor) {
    it(`is to skip for its ${name}`, () => {
      expect(analysis(...args)).toMatchObject({ verdict: 'skip', reasons: expect.stringContaining(reason) });
    });
  }

  it('is to review where something speaks against it', () => {
    const doubtful = { ...facts, salesPerMonth: 3, meanPrice: 2_000, amazonSells: true };
    expect(analysis({ facts: doubtful })).toMatchObject({
      verdict: 'review',
      reasons:
        'about 3 sales a month, under 10; the price is 50% over its mean of 90 days; Amazon sells it too',
    });
  });

  const unknown: [string, Parameters<typeof analysis>, string][] = [
    ['price', [{ price: undefined, fees: undefined }], 'no price: nobody has the buy box'],
    ['fees', [{ fees: undefined }], 'no fees: Amazon gives no estimate'],
    ['history', [{ facts: { ...facts, history: false } }], 'no history: Keepa does not know it'],
    [
      'sales',
      [{ facts: { ...facts, salesPerMonth: undefined } }],
      'no sales estimate: Keepa has no sales rank',
    ],
    [
      'weight',
      [{ facts: { ...facts, weightKg: undefined } }, {}, { freightPerKg: 1 }],
      'no weight, by which freight is counted',
    ],
  ];
  for (const [name, args, reason] of unknown) {
    it(`is withheld without ${name}`, () => {
      expect(analysis(...args)).toMatchObject({ verdict: 'insufficient data', reasons: reason });
    });
  }

  it('keeps the figures that there are', () => {
    const { profit, landed_cost, price, fees } = analysis({ facts: { ...facts, history: false } });
    expect({ profit, landed_cost, price, fees }).toEqual({ profit: 13, landed_cost: 10, price: 30, fees: 7 });
    expect(analysis({ fees: undefined })).toMatchObject({ landed_cost: 10, profit: null, vat: null });
  });

  it('counts in the currency of the marketplace', () => {
    const options = { marketplace: 'DE', exchange: { USD: 0.9 }, freightPerKg: 2, vatPercent: 19 };
    expect(analysis({}, { currency: 'usd', shipping: 1, weight: '0.5' }, options)).toMatchObject({
      ...{ marketplace: 'DE', price_currency: 'EUR', landed_cost: 10.9, vat: 4.79, profit: 7.31 },
    });
    expect(() => analysis({}, { currency: 'CHF' })).toThrow(/CHF/);
  });
});

describe('a row', () => {
  it('may be text out of a file, with empty cells', () => {
    expect(
      itemSchema.parse({ asin: ' b00000000x ', cost: ' 12.50', weight: '', marketplace: 'uk', sku: '7' }),
    ).toEqual({
      own: { asin: ' b00000000x ', cost: ' 12.50', weight: '', marketplace: 'uk', sku: '7' },
      ...{ asin: 'B00000000X', cost: 12.5, marketplace: 'UK' },
    });
  });

  for (const [column, value] of [
    ['cost', ''],
    ['cost', '12,50'],
    ['cost', -1],
    ['weight', 'heavy'],
    ['marketplace', 'XX'],
    ['currency', 'dollars'],
    ['fulfilment', 'UPS'],
  ] as const) {
    it(`is refused for its ${column}: ${value}`, () => {
      const { error } = itemSchema.safeParse({ asin: 'B000000001', cost: '1', [column]: value });
      expect(error?.issues.map(({ path }) => path)).toEqual([[column]]);
    });
  }
});
