import { nothingLearned } from '../../../src/core/engine/learned.ts';
import { estimate, remember } from '../../../src/core/jobs/slices/expectation.ts';
import { randomFrom } from '../../random.ts';
import { drawsFrom } from './invocations-random.ts';
import { type Figures, invoke } from './invocations-run.ts';
import { drawInvocation, drawWorld, type Work, type World } from './invocations-world.ts';

/** Workloads, each with durations of its own. */
export const worlds = 500;
/** Invocations of each world, one after the other; each knows what the ledger knows after the one before. */
export const lives = 20;
/** Share of the invocations, beside the first of each world, that know nothing all the same. */
const forgetful = 0.05;

/** One invocation, and what it was put through. */
export interface Invoked extends Figures {
  world: World;
  life: number;
  cold: boolean;
}

/** Runs all of them through the engine, in simulated time; always the same ones. */
export async function invokeAll(): Promise<Invoked[]> {
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
export const use = ({ usedMs, capacityMs }: Figures) => usedMs / capacityMs;
/** The same of items that finished. */
export const usefulUse = ({ usefulMs, capacityMs }: Figures) => usefulMs / capacityMs;
/** From the start until the last item left its slot, out of the budget. */
export const wallUse = ({ wallMs, budgetMs }: Figures) => wallMs / budgetMs;

export function mean(some: readonly Invoked[], share: (one: Invoked) => number): number {
  return some.reduce((sum, one) => sum + share(one), 0) / some.length;
}
