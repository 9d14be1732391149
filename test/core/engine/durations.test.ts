import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  age,
  count,
  type Durations,
  noDurations,
  observe,
  quantile,
} from '../../../src/core/engine/durations.ts';

const of = (values: number[]): Durations => values.reduce<Durations>(observe, noDurations);

describe('durations', () => {
  it('knows nothing of nothing', () => {
    expect(quantile(noDurations, 0.9)).toBeUndefined();
  });

  it('answers any quantile within 10% of the true value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = [...values].sort((a, b) => a - b);
          const rank = Math.max(0, Math.ceil(q * values.length - 1e-9) - 1);
          const truth = sorted[rank] ?? 0;
          const answer = quantile(of(values), q) ?? 0;
          expect(Math.abs(answer - truth)).toBeLessThanOrEqual(0.1 * truth + 1e-6);
        },
      ),
    );
  });

  it('adds up to the same as observing everything in one place', () => {
    const [a, b] = [of([10, 20, 3000]), of([20, 50])];
    expect(add(a, b)).toEqual(of([10, 20, 3000, 20, 50]));
  });

  it('lets old observations fade so that new ones count', () => {
    let durations = age(of(new Array(10_000).fill(1000)), 100);
    expect(count(durations)).toBeCloseTo(100);
    for (let i = 0; i < 300; i += 1) durations = observe(durations, 50);
    expect(quantile(durations, 0.5)).toBeLessThan(60);
  });

  it('survives JSON', () => {
    const durations = of([5, 500]);
    expect(JSON.parse(JSON.stringify(durations))).toEqual(durations);
  });
});
