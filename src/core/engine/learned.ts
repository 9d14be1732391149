import { add, age, count, type Durations, noDurations, observe } from './durations.ts';

/**
 * What was learned of durations by rank: how many items were running when one started, itself among them. On a machine
 * of its own an item takes the same at every rank; items that share a CPU take longer the later they come. Both show
 * in the numbers, so no model of the machine is needed. An immutable value; survives JSON.
 */
export type Learned = Readonly<Record<number, Durations>>;

export const nothingLearned: Learned = {};

/** Adds one observation of `ms` milliseconds at `rank`. */
export function learn(learned: Learned, rank: number, ms: number): Learned {
  return { ...learned, [rank]: observe(learned[rank] ?? noDurations, ms) };
}

export function merge(a: Learned, b: Learned): Learned {
  const ranks = new Set([...Object.keys(a), ...Object.keys(b)].map(Number));
  return Object.fromEntries(
    [...ranks].map((rank) => [rank, add(a[rank] ?? noDurations, b[rank] ?? noDurations)]),
  );
}

/**
 * Shrinks the weight of all that is known to at most `most` observations, so that new ones count. All ranks fade alike:
 * a rank that nothing starts at any more is forgotten, however badly it once did.
 */
export function fade(learned: Learned, most: number): Learned {
  const total = Object.values(learned).reduce((sum, durations) => sum + count(durations), 0);
  if (total <= most) return learned;
  const faded = Object.entries(learned).map(
    ([rank, durations]) => [rank, age(durations, (count(durations) * most) / total)] as const,
  );
  return Object.fromEntries(faded.filter(([, durations]) => count(durations) > 0));
}

/**
 * The rank's own durations, filled up with those of the nearest ranks (of two as near the higher, which takes rather
 * longer) until `least` observations are behind them, or all there are.
 */
export function around(learned: Learned, rank: number, least: number): Durations {
  let durations = learned[rank] ?? noDurations;
  if (count(durations) >= least) return durations;
  const others = Object.keys(learned)
    .map(Number)
    .filter((other) => other !== rank)
    .sort((a, b) => Math.abs(a - rank) - Math.abs(b - rank) || b - a);
  for (const other of others) {
    durations = add(durations, learned[other] ?? noDurations);
    if (count(durations) >= least) break;
  }
  return durations;
}
