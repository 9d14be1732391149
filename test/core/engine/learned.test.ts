import { describe, expect, it } from 'vitest';
import { count, quantile } from '../../../src/core/engine/durations.ts';
import {
  around,
  fade,
  type Learned,
  learn,
  merge,
  nothingLearned,
} from '../../../src/core/engine/learned.ts';

/** So many observations of `ms` at `rank`. */
function seen(times: number, rank: number, ms: number, before = nothingLearned): Learned {
  let learned = before;
  for (let i = 0; i < times; i += 1) learned = learn(learned, rank, ms);
  return learned;
}

const median = (learned: Learned, rank: number, least: number) => quantile(around(learned, rank, least), 0.5);

describe('what was learned by rank', () => {
  it('keeps ranks apart of which enough is known', () => {
    const learned = seen(10, 5, 5_000, seen(10, 1, 1_000));
    expect(median(learned, 1, 10)).toBeCloseTo(1_000, -3);
    expect(median(learned, 5, 10)).toBeCloseTo(5_000, -3);
  });

  it('does not believe one slow item at a rank that has seen no other', () => {
    const learned = seen(1, 2, 1_000_000, seen(20, 1, 10));
    expect(median(learned, 2, 5)).toBeLessThan(12);
  });

  it('goes by the nearest rank for one that is unknown, of two by the higher', () => {
    const learned = seen(5, 3, 30, seen(5, 5, 50, seen(5, 9, 90)));
    expect(median(learned, 4, 5)).toBeCloseTo(50, -1);
    expect(median(learned, 20, 5)).toBeCloseTo(90, -1);
    expect(median(learned, 1, 5)).toBeCloseTo(30, -1);
    expect(median(nothingLearned, 1, 5)).toBeUndefined();
  });

  it('forgets a rank at which nothing starts any more', () => {
    let learned = seen(10, 2, 1_000_000);
    for (let i = 0; i < 100; i += 1) learned = fade(seen(5, 1, 10, learned), 50);
    expect(Object.keys(learned)).toEqual(['1']);
    expect(count(around(learned, 1, 1))).toBeCloseTo(50);
  });

  it('adds up to the same as learning everything in one place', () => {
    const [a, b] = [seen(2, 1, 10), seen(3, 2, 20)];
    expect(merge(a, b)).toEqual(seen(3, 2, 20, a));
  });
});
