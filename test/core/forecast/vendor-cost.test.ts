import { describe, expect, it } from 'vitest';
import { describe as report } from '../../../src/core/forecast/describe.ts';
import { forecast, scaleWith } from '../../../src/core/forecast/forecast.ts';
import type { PlanInput } from '../../../src/core/forecast/input.ts';
import { round } from './examples.ts';

const api = { callsPerItem: 1, bytesIn: 100, bytesOut: 100, latencyMs: 500 };
const source = { page: 'https://api.example/prices', readOn: '2026-11-01', certainty: 'quoted' } as const;
const search = { what: 'searches', usd: 0.001, per: 'credit', unitsPerItem: 1.5, ...source };
const month = { what: 'the plan', usd: 49, per: 'month', ...source };
const withPrices = (prices?: (typeof search | typeof month)[], more: Partial<PlanInput> = {}) =>
  forecast(round({ upstreams: [{ name: 'api', ...api, ...(prices && { prices }) }], ...more }));

describe('what vendors charge', () => {
  it('is so much for each unit that the items take', () => {
    const { vendors, scales } = withPrices([
      search,
      { ...search, what: 'tokens', usd: 2e-6, unitsPerItem: 500 },
    ]);
    expect(vendors.lines.map(({ quantity, usd }) => [quantity, usd])).toEqual([
      [1_500, 1.5],
      [500_000, 1],
    ]);
    expect([vendors.usd, vendors.unknown]).toEqual([2.5, []]);
    expect(scales.every(({ vendorsUsd }) => vendorsUsd === 2.5)).toBe(true);
  });

  it('is a whole month of a subscription, and another for each that the run touches', () => {
    expect(withPrices([month]).vendors.usd).toBe(49);
    const slow = withPrices([month], { items: 1_000_000, itemMs: { typical: 30_000, sigma: 0 } });
    const months = (workers: number) => Math.ceil(scaleWith(slow, workers).durationMs / 86_400_000 / 30);
    expect(months(1)).toBe(2);
    expect(scaleWith(slow, 1).vendorsUsd).toBe(98);
    expect(scaleWith(slow, 50).vendorsUsd).toBe(49);
  });

  it('stands beside what AWS charges, with the source of each price', () => {
    const text = report(withPrices([search]));
    expect(text).toMatch(/^ +workers +takes about +items\/s +AWS, USD +vendors, USD +held back by$/m);
    expect(text).toMatch(/^api +searches +1,500 +credit +1.50$/m);
    expect(text).toContain('api: https://api.example/prices, 2026-11-01, quoted.');
  });

  it('is said to be unknown, or nothing, whichever it is', () => {
    const unknown = report(withPrices());
    expect(unknown).toContain('api: the price is not known.');
    expect(unknown).not.toContain('vendors, USD');
    expect(report(withPrices([{ ...search, usd: 0 }]))).not.toContain('not known');
    const upstreams = [
      { name: 'paid', ...api, prices: [search] },
      { name: 'other', ...api },
    ];
    expect(report(forecast(round({ upstreams })))).toMatch(/ 1\.50 \+ \?/);
    expect(report(forecast(round()))).not.toContain('vendors');
  });

  it('is refused if a price is none', () => {
    expect(() => withPrices([{ ...search, usd: -1 }])).toThrow(/prices\.0\.usd: must be a number from 0/);
  });
});

describe('this machine', () => {
  const here = (processors: number, more: Partial<PlanInput> = {}) =>
    forecast(round({ machine: { processors }, ...more }));

  it('has a row of its own, which costs nothing on AWS', () => {
    const expected = here(4);
    expect(expected.machine).toMatchObject({ workers: 4, usd: 0, adaptive: false });
    expect(report(expected)).toMatch(/^this machine: 4 +26.8 s +[\d.]+ +0 {2}/m);
    expect(report(forecast(round()))).not.toContain('this machine');
  });

  it('does as much as its processors do', () => {
    const seconds = (processors: number, more: Partial<PlanInput> = {}) =>
      (here(processors, more).machine?.durationMs ?? 0) / 1000;
    // 20 slices of 5.15 s.
    expect(seconds(1)).toBeCloseTo(104, 0);
    expect(seconds(4)).toBeCloseTo(26.8, 0);
    // Each process has one processor, whatever memory a Lambda would have.
    expect(seconds(1, { cpuMs: 1_000 })).toBeGreaterThan(1_000);
  });

  it('has no more workers than a limit has a use for, and one process where workers are calls', () => {
    const upstreams = [{ name: 'api', ...api, rates: [{ perSecond: 12, burst: 1 }] }];
    expect(here(64, { upstreams }).machine).toMatchObject({ workers: 2, bound: { kind: 'rate' } });
    const callsOf = { option: 'max_workers', sliceItems: 50, smallest: 100, largest: 2_000 };
    expect(here(64, { callsOf }).machine).toMatchObject({ workers: 10, processes: 1 });
  });
});
