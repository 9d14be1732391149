import { beforeAll, describe, expect, it } from 'vitest';
import { nothingLearned } from '../../src/engine/learned.ts';
import { estimate, remember } from '../../src/jobs/expectation.ts';
import { randomFrom } from '../random.ts';
import { drawsFrom } from './invocations-random.ts';
import { type Figures, invoke } from './invocations-run.ts';
import { drawInvocation, drawWorld, type Work, type World, worldKinds } from './invocations-world.ts';

const worlds = 500;
/** Invocations of each world, one after the other; each knows what the ledger knows after the one before. */
const lives = 20;
/** Share of the invocations, beside the first of each world, that know nothing all the same. */
const forgetful = 0.05;

interface Invoked extends Figures {
  world: World;
  life: number;
  cold: boolean;
}

async function invokeAll(): Promise<Invoked[]> {
  const invoked: Invoked[] = [];
  for (let seed = 0; seed < worlds; seed += 1) {
    const draw = drawsFrom(randomFrom(seed));
    const world = drawWorld(draw);
    let known = nothingLearned;
    for (let life = 0; life < lives; life += 1) {
      const cold = life === 0 || draw.chance(forgetful);
      const learning = estimate<Work>(cold ? nothingLearned : known, world);
      const figures = await invoke(world, drawInvocation(world, life / lives, 1 / lives, draw), learning);
      known = remember(known, learning.takeNews());
      invoked.push({ ...figures, world, life, cold });
    }
  }
  return invoked;
}

/** Slot time spent on started items, whether they finished or not, out of slots × budget. */
const use = ({ usedMs, capacityMs }: Figures) => usedMs / capacityMs;
/** The same of items that finished. */
const usefulUse = ({ usefulMs, capacityMs }: Figures) => usefulMs / capacityMs;
/** From the start until the last item left its slot, out of the budget. */
const wallUse = ({ wallMs, budgetMs }: Figures) => wallMs / budgetMs;

function mean(some: readonly Invoked[], share: (one: Invoked) => number): number {
  return some.reduce((sum, one) => sum + share(one), 0) / some.length;
}

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
