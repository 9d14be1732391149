import { expect, it } from 'vitest';
import { Pace } from '../../src/cli/pace.ts';

const paceOf = (samples: [at: number, done: number][]) => {
  const pace = new Pace();
  for (const [at, done] of samples) pace.add(at, done);
  return pace;
};

it('knows no pace before anything is done', () => {
  expect(
    paceOf([
      [0, 0],
      [5_000, 0],
    ]).perSecond(6_000),
  ).toBeUndefined();
});

it('leaves the start-up out, but not a standstill', () => {
  const pace = paceOf([
    [0, 0],
    [8_000, 0],
    [10_000, 100],
  ]);
  expect(pace.perSecond(10_000)).toBe(50);
  expect(pace.perSecond(13_000)).toBe(20);
  expect(pace.perSecond(18_000)).toBe(0);
});

it('takes a pause that is usual for the job for none', () => {
  const pace = paceOf([
    [0, 0],
    [8_000, 80],
    [16_000, 160],
  ]);
  expect(pace.perSecond(30_000)).toBeGreaterThan(4);
  expect(pace.perSecond(33_000)).toBe(0);
});

it('looks at the last half minute only', () => {
  const pace = paceOf([
    [0, 0],
    [1_000, 1_000],
    [31_500, 1_061],
    [61_000, 1_120],
  ]);
  expect(pace.perSecond(61_000)).toBe(2);
});
