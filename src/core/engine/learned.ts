import { add, age, count, type Durations, noDurations, observe } from './durations.ts';

/**
 * Learned durations by rank: how many items were running when an item started, itself included. Items that do not
 * compete take the same time at every rank; items that share a CPU take longer the higher their rank. Both show in the
 * numbers, so no model of the machine is needed. An immutable value; survives JSON.
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
 * Shrinks the weight of all observations to at most `most`, so that new ones count. All ranks fade alike: a rank at
 * which no item starts any more is forgotten, however slow it once was.
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
 * The rank's own durations, plus those of the nearest ranks until they hold `least` observations, or all there are. Of
 * two equally near ranks the higher comes first, since its items tend to take longer.
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
