import { describe, expect, it } from 'vitest';
import { type Learned, learn, nothingLearned } from '../../../src/core/engine/learned.ts';
import { withEarlierRuns } from '../../../src/core/forecast/earlier-runs.ts';
import type { EarlierRuns, Figures } from '../../../src/core/forecast/figures.ts';

const figures: Figures = {
  itemMs: { typical: 1_000 },
  upstreams: [{ name: 'api', callsPerItem: 1, bytesIn: 1, bytesOut: 1, latencyMs: 800 }],
  sourceBytes: 1,
  outputBytes: 1,
  assumed: ['an item takes 1,000 ms'],
};
const learnedOf = (durations: number[], rank = 1): Learned =>
  durations.reduce((learned, ms) => learn(learned, rank, ms), nothingLearned);
const runs = (learned: Learned, per: EarlierRuns['per'] = 'unit'): EarlierRuns => ({
  ...{ learned, per, from: 'in .spillway' },
});
const tenth = (value: number) => [0.9 * value, 1.1 * value] as const;
const near = (value: number | undefined, [low, high]: readonly [number, number]) =>
  expect(low <= (value ?? 0) && (value ?? 0) <= high, `${value}`).toBe(true);

describe('the durations of earlier runs', () => {
  const twenty = learnedOf([...Array.from({ length: 18 }, () => 200), 900, 900]);

  it('take the place of the guess, and say where they are from', () => {
    const { itemMs, upstreams, assumed } = withEarlierRuns(figures, runs(twenty), 10);
    near(itemMs.typical, tenth(200));
    near(itemMs.p95, tenth(900));
    // A call that is part of the item takes the same share of it.
    near(upstreams?.[0]?.latencyMs, tenth(160));
    expect(assumed[0]).toMatch(
      /^an item takes 0\.\d+ s .* learned from 20 items of earlier runs, in \.spillway/,
    );
    expect(assumed.slice(1)).toEqual([expect.stringContaining('without them it is 1 s'), ...figures.assumed]);
  });

  it('are of one unit of weight, or of whole items', () => {
    near(withEarlierRuns(figures, runs(twenty), 10, 3).itemMs.typical, tenth(600));
    near(withEarlierRuns(figures, runs(twenty, 'item'), 10, 3).itemMs.typical, tenth(200));
  });

  it('are those with as many items at the same time, if there are enough', () => {
    const learned = { ...learnedOf(Array(9).fill(100), 1), ...learnedOf(Array(9).fill(400), 20) };
    near(withEarlierRuns(figures, runs(learned), 20).itemMs.typical, tenth(400));
    near(withEarlierRuns(figures, runs(learned), 2).itemMs.typical, tenth(100));
  });

  it('say nothing if there are too few, or if the options say how long an item takes', () => {
    expect(withEarlierRuns(figures, runs(learnedOf([1, 1, 1, 1])), 10)).toBe(figures);
    expect(withEarlierRuns(figures, runs(nothingLearned), 10)).toBe(figures);
    const given = { ...figures, itemMsGiven: true };
    expect(withEarlierRuns(given, runs(twenty), 10)).toBe(given);
  });
});
