import { describe, expect, it } from 'vitest';
import { nothingLearned } from '../../../../src/core/engine/learned.ts';
import { estimate, remember } from '../../../../src/core/jobs/slices/expectation.ts';

const workload = { limits: { expectedMsPerUnit: 700 }, weight: (photos: number) => photos };

/** What is known after so many invocations, each of which saw ten items of `ms` per unit. */
function knownAfter(invocations: number, ms: number, known = nothingLearned) {
  for (let i = 0; i < invocations; i += 1) {
    const learning = estimate(known, workload);
    for (let item = 0; item < 10; item += 1) learning.learn(2, 1, 2 * ms);
    known = remember(known, learning.takeNews());
  }
  return known;
}

describe('what an item is expected to take', () => {
  it('is what the workload says while nothing is known, by weight', () => {
    expect(estimate(nothingLearned, workload).atMostMs(3, 1)).toBe(2_100);
  });

  it('is put right by what is learned on the way', () => {
    const learning = estimate(nothingLearned, workload);
    expect(learning.typicalMs(1, 1)).toBe(700);
    for (let item = 0; item < 5; item += 1) learning.learn(2, 1, 200);
    expect(learning.typicalMs(1, 1)).toBeCloseTo(100, -1.5);
  });

  it('follows an upstream that has recovered within a dozen invocations', () => {
    const known = knownAfter(12, 100, knownAfter(1_000, 20_000));
    expect(estimate(known, workload).atMostMs(1, 1)).toBeLessThan(150);
  });

  it('tells its news once', () => {
    const learning = estimate(nothingLearned, workload);
    learning.learn(1, 1, 100);
    expect(learning.takeNews()).not.toEqual(nothingLearned);
    expect(learning.takeNews()).toEqual(nothingLearned);
  });
});
