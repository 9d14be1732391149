import { bimodal, type Draw, logNormal, pareto, type Spread } from './invocations-random.ts';

export const worldKinds = ['log-normal', 'pareto', 'bimodal'] as const;

/** One workload on one function, as it is called again and again. Times in milliseconds. */
export interface World {
  kind: (typeof worldKinds)[number];
  /** A caller waits: the budget is short, and the shorter the later the request arrives. */
  waitedFor: boolean;
  budgetMs: number;
  concurrency: number;
  /** Mean of an item's duration on the machine at full concurrency, before any drift. */
  meanMs: number;
  spread: Spread;
  /** How much items slow each other down (see Machine). */
  friction: number;
  /** Weights are drawn from 1 to this. */
  heaviest: number;
  /** Factor on all durations at a share (0–1) of the world's life. */
  drift(lived: number): number;
  /** What the author of the workload believes of a unit of weight, wrong by up to four times either way. */
  limits: { expectedMsPerUnit: number };
  /** Share of the items that ignore an abort for a while. */
  deaf: number;
  failing: number;
  weight(item: Work): number;
}

/** What an item takes if it has the machine to itself. */
export interface Work {
  weight: number;
  ms: number;
  /** How long it ignores an abort. */
  deafMs: number;
  fails: boolean;
}

export function drawWorld(draw: Draw): World {
  const kind = draw.oneOf(worldKinds);
  const waitedFor = draw.chance(0.5);
  const budgetMs = waitedFor ? 25_000 : Math.round(draw.scaled(25_000, 14 * 60_000));
  const heaviest = draw.oneOf([1, 1, 4, 10]);
  const meanMs = budgetMs / draw.scaled(6, 30);
  return {
    kind,
    waitedFor,
    budgetMs,
    concurrency: draw.oneOf([1, 2, 3, 5, 5, 5, 8, 12, 20]),
    meanMs,
    spread: spreadOf(kind, draw),
    friction: draw.chance(0.6) ? 0 : draw.between(0.1, 1),
    heaviest,
    drift: drawDrift(draw),
    limits: { expectedMsPerUnit: (meanMs / meanWeight(heaviest)) * draw.scaled(1 / 4, 4) },
    deaf: draw.oneOf([0, 0.1, 0.5]),
    failing: draw.oneOf([0, 0.02]),
    weight: ({ weight }) => weight,
  };
}

function spreadOf(kind: World['kind'], draw: Draw): Spread {
  switch (kind) {
    case 'log-normal':
      return logNormal(draw.between(0.5, 1.5));
    case 'pareto':
      return pareto(draw.between(1.5, 3));
    case 'bimodal':
      return bimodal(draw.between(0.05, 0.3), draw.between(4, 15));
  }
}

/** None, a slope, a step, or a wave; each up to three times as long or as short. */
function drawDrift(draw: Draw): World['drift'] {
  const times = draw.scaled(1 / 3, 3);
  return draw.oneOf<World['drift']>([
    () => 1,
    (lived) => times ** lived,
    (lived) => (lived < 0.5 ? 1 : times),
    (lived) => times ** Math.sin(2 * Math.PI * lived),
  ]);
}

/** One call of the function. */
export interface Invocation {
  budgetMs: number;
  items: Work[];
}

/**
 * An invocation that begins when the world has lived a share of its life, and lasts for another. Late arrival may have
 * cost a fifth of the budget. There is more work than fits, by a third.
 */
export function drawInvocation(world: World, lived: number, lasts: number, draw: Draw): Invocation {
  const { concurrency, heaviest } = world;
  const budgetMs = Math.round(world.budgetMs * (world.waitedFor ? draw.between(0.8, 1) : 1));
  const alone = world.meanMs / (1 + world.friction * (concurrency - 1)) / meanWeight(heaviest);
  const count =
    concurrency + Math.ceil((1.33 * concurrency * budgetMs) / (world.meanMs * world.drift(lived)));
  const items = Array.from({ length: count }, (_, place) => {
    const weight = Math.ceil(draw.between(0, heaviest));
    return {
      weight,
      ms: alone * weight * world.spread(draw) * world.drift(lived + (lasts * place) / count),
      deafMs: draw.chance(world.deaf) ? draw.between(10, 1_000) : 0,
      fails: draw.chance(world.failing),
    };
  });
  return { budgetMs, items };
}

function meanWeight(heaviest: number): number {
  return (1 + heaviest) / 2;
}
