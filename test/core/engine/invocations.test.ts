import { beforeAll, describe, expect, it } from 'vitest';
import { type Invoked, invokeAll, lives, mean, use, usefulUse, wallUse } from './invocations-all.ts';
import { type World, worldKinds } from './invocations-world.ts';

describe('10,000 invocations', () => {
  let all: Invoked[];
  /** Only where there was work for the whole budget: the others could not have used more of it. */
  let withWorkLeft: Invoked[];

  beforeAll(async () => {
    all = await invokeAll();
    withWorkLeft = all.filter(({ workRemained }) => workRemained);
  }, 300_000);

  it('none ends past its deadline, nor starts anything after its budget', () => {
    expect(all).toHaveLength(10_000);
    expect(all.filter(({ lateMs }) => lateMs > 0)).toEqual([]);
    expect(all.filter(({ startedLate }) => startedLate > 0)).toEqual([]);
    // Many were at risk: something had to be stopped, or even to be left behind.
    expect(all.filter(({ stopped }) => stopped > 0).length).toBeGreaterThan(5_000);
    expect(all.filter(({ lateMs }) => lateMs === 0).length).toBeGreaterThan(1_000);
  });

  it('use nine tenths of their budgets and more while work remains, most of it for items that finish', () => {
    expect(withWorkLeft.length).toBeGreaterThan(9_500);
    expect(mean(withWorkLeft, use)).toBeGreaterThanOrEqual(0.95);
    expect(mean(withWorkLeft, usefulUse)).toBeGreaterThanOrEqual(0.88);
    expect(mean(withWorkLeft, (one) => use(one) - usefulUse(one))).toBeLessThanOrEqual(0.08);
    expect(mean(withWorkLeft, wallUse)).toBeGreaterThanOrEqual(0.97);
  });

  const groups: [string, (one: Invoked) => boolean][] = [
    ['a cold start', ({ cold }) => cold],
    ['a start that knows what the ledger knows', ({ cold }) => !cold],
    ['a caller who waits', ({ world }) => world.waitedFor],
    ['a worker', ({ world }) => !world.waitedFor],
    ['one slot', ({ world }) => world.concurrency === 1],
    ['20 slots', ({ world }) => world.concurrency === 20],
    ['items of different weights', ({ world }) => world.heaviest > 1],
    ['items that slow each other down', ({ world }) => world.friction > 0],
    ['items that take a tenth of the budget or more', ({ world }) => world.budgetMs / world.meanMs <= 10],
    [
      'durations that have just changed by a quarter',
      ({ world, life }) => life > 0 && changeOf(world, life) > 1.25,
    ],
    ...worldKinds.map((kind): [string, (one: Invoked) => boolean] => [
      kind,
      ({ world }) => world.kind === kind,
    ]),
  ];

  it.each(groups)('use nine tenths of them with %s', (_name, belongs) => {
    const group = withWorkLeft.filter(belongs);
    expect(group.length).toBeGreaterThan(100);
    expect(mean(group, use)).toBeGreaterThanOrEqual(0.9);
  });

  it('of no workload get stuck with a bad expectation', () => {
    const stuck = [...Map.groupBy(withWorkLeft, ({ world }) => world)]
      .map(([world, some]) => ({ world, use: mean(some, use) }))
      .filter((one) => one.use < 0.75);
    expect(stuck).toEqual([]);
  });
});

/** How many times longer or shorter items take than in the invocation before; at least 1. */
function changeOf({ drift }: World, life: number): number {
  const times = drift(life / lives) / drift((life - 1) / lives);
  return Math.max(times, 1 / times);
}
