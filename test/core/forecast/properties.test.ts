import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cost } from '../../../src/core/forecast/cost.ts';
import { forecast, scaleWith } from '../../../src/core/forecast/forecast.ts';
import type { PlanInput } from '../../../src/core/forecast/input.ts';

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const upstream = fc.record({
  callsPerItem: fc.oneof(fc.constant(0), between(0.001, 5)),
  batchSize: fc.integer({ min: 1, max: 20 }),
  bytesIn: fc.integer({ min: 0, max: 100_000 }),
  bytesOut: fc.integer({ min: 0, max: 10_000 }),
  latencyMs: fc.integer({ min: 1, max: 5_000 }),
  rates: fc.array(fc.record({ perSecond: between(0.1, 500), burst: fc.integer({ min: 1, max: 50 }) }), {
    maxLength: 2,
  }),
});

const plans: fc.Arbitrary<PlanInput> = fc.record({
  items: fc.integer({ min: 1, max: 1_000_000 }),
  sliceSize: fc.integer({ min: 1, max: 500 }),
  slots: fc.integer({ min: 1, max: 50 }),
  itemMs: fc.record({ typical: between(1, 20_000), sigma: between(0, 1) }),
  sourceBytes: fc.integer({ min: 0, max: 1e12 }),
  outputBytes: fc.integer({ min: 0, max: 1e12 }),
  upstreams: fc
    .array(upstream, { maxLength: 3 })
    .map((all) => all.map((one, at) => ({ name: `u${at}`, ...one }))),
  workers: fc.constant([1, 2, 3, 5, 8, 13, 20, 50, 100, 1_000]),
});

const runs = { numRuns: 60 };
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

describe('every forecast', () => {
  it('is never slower with more workers', () => {
    fc.assert(
      fc.property(plans, (input) => {
        const scales = forecast(input).scales.toSorted((a, b) => a.workers - b.workers);
        for (const [at, scale] of scales.entries()) {
          const before = scales[at - 1] ?? scale;
          expect(scale.durationMs).toBeLessThanOrEqual(before.durationMs * (1 + 1e-9));
          expect(scale.itemsPerSecond).toBeGreaterThanOrEqual(before.itemsPerSecond * (1 - 1e-9));
        }
      }),
      runs,
    );
  });

  it('keeps to every rate, and uses in full the one that binds', () => {
    fc.assert(
      fc.property(plans, (input) => {
        const { scales, volumes } = forecast(input);
        for (const { bound, itemsPerSecond, durationMs } of scales) {
          for (const { name, rates = [] } of input.upstreams ?? []) {
            const { requests = 0 } = volumes.find(({ upstream }) => upstream === name) ?? {};
            for (const { perSecond = 0, burst = 1 } of rates) {
              const allowed = burst + perSecond * 0.995 * (durationMs / 1000);
              expect(requests).toBeLessThanOrEqual(allowed * (1 + 1e-9));
            }
          }
          if (bound.kind === 'rate') expect(itemsPerSecond).toBe(bound.itemsPerSecond);
        }
      }),
      runs,
    );
  });

  it('is as fast with adaptive workers as with any number up to the most', () => {
    fc.assert(
      fc.property(plans, (input) => {
        const found = forecast(input);
        const fastest = Math.max(
          ...found.scales.filter(({ workers }) => workers <= 50).map(({ itemsPerSecond }) => itemsPerSecond),
        );
        expect(scaleWith(found).itemsPerSecond).toBeGreaterThanOrEqual(fastest * (1 - 1e-9));
      }),
      runs,
    );
  });

  it('has parts that add up', () => {
    fc.assert(
      fc.property(plans, (input) => {
        const { cost, alternatives, scales, volumes } = forecast(input);
        for (const bill of [cost, ...alternatives]) {
          expect(bill.usd).toBe(sum(bill.lines.map(({ usd }) => usd)));
          for (const { usd, quantity } of bill.lines) {
            expect(Number.isFinite(usd)).toBe(true);
            expect(quantity).toBeGreaterThanOrEqual(0);
          }
        }
        expect(scales.find(({ adaptive }) => adaptive)?.usd).toBe(cost.usd);
        for (const { loads, durationMs } of scales) {
          for (const { upstream, requestsPerDay, requestsPerSecond } of loads) {
            const all = volumes.find((one) => one.upstream === upstream)?.requests ?? 0;
            expect(requestsPerDay).toBeLessThanOrEqual(all);
            // Start-up only ever adds to the time.
            expect(all).toBeLessThanOrEqual((requestsPerSecond * durationMs) / 1000 + 1e-6 * all);
          }
        }
      }),
      runs,
    );
  });

  it('costs in proportion to the items, whoever hands them out', () => {
    // Whole slices, enough to keep all workers busy; what is counted once for a job is a few in thousands. Workers
    // start once, however much there is to do.
    const worker = { coldStartMs: 0 };
    const many = plans.map((input) => ({ ...input, worker, items: input.sliceSize * 2_000, upstreams: [] }));
    const proportional = (line: Cost['lines'][number]) =>
      line.service !== 'DynamoDB' && line.what !== 'sweeper';
    fc.assert(
      fc.property(many, fc.integer({ min: 2, max: 9 }), (input, times) => {
        const { sourceBytes = 0, outputBytes = 0 } = input;
        const once = forecast(input);
        const more = forecast({
          ...input,
          items: input.items * times,
          sourceBytes: sourceBytes * times,
          outputBytes: outputBytes * times,
        });
        const bills = [once.cost, ...once.alternatives].map(({ lines }, at) => [
          lines,
          [more.cost, ...more.alternatives][at]?.lines ?? [],
        ]);
        for (const [before = [], after = []] of bills) {
          for (const [at, line] of before.entries()) {
            if (line.quantity > 0 && proportional(line)) {
              const grown = (after[at]?.quantity ?? 0) / line.quantity;
              expect(Math.abs(grown / times - 1)).toBeLessThan(0.05);
            }
          }
        }
      }),
      runs,
    );
  });

  it('costs more in the ledger than in proportion, never less, and by no more than the square', () => {
    const many = plans.map((input) => ({ ...input, items: input.sliceSize * 2_000, upstreams: [] }));
    fc.assert(
      fc.property(many, (input) => {
        const ledger = (items: number) =>
          sum(
            forecast({ ...input, items })
              .cost.lines.filter(({ service }) => service === 'DynamoDB')
              .map(({ usd }) => usd),
          );
        const grown = ledger(4 * input.items) / ledger(input.items);
        expect(grown).toBeGreaterThan(3.9);
        expect(grown).toBeLessThan(16.5);
      }),
      runs,
    );
  });
});
