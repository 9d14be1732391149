import { add, age, type Durations, noDurations, observe, quantile } from '../engine/durations.ts';
import type { Room } from './room.ts';
import type { Workload } from './workload.ts';

/**
 * What was learned of a workload's durations per unit of weight, by rank: how many items were running when one started,
 * itself among them. On a machine of its own an item takes the same at every rank; items that share a CPU take longer
 * the later they come. Both show in the numbers, so no model of the machine is needed.
 */
export type Learned = Readonly<Record<number, Durations>>;

/** So many observations of each rank are kept in mind; older ones fade as new ones come. */
const remembered = 200;
/** An item starts only if nine of ten like it would end in time. */
const admissionQuantile = 0.9;
/** For totals over many items, whose ups and downs even out. */
const planningQuantile = 0.6;

/** What items are expected to take, from what workers of this kind have learned and this one just now. */
export interface Expectation {
  /** Milliseconds that `item` will hardly exceed: decides whether it may still start. */
  atMostMs(item: unknown, rank: number): number;
  /** Milliseconds that `item` may be planned with. */
  typicalMs(item: unknown, rank: number): number;
  learn(item: unknown, rank: number, durationMs: number): void;
  /** Adds what was learned to the ledger. Two workers saving at once may lose one's share: it is an estimate. */
  save(): Promise<void>;
}

/**
 * Reads what is known about a workload on a function, so that a cold start knows it too. Functions learn apart: what
 * takes a worker long that runs in the background need not take long where a caller waits.
 */
export async function loadExpectation(room: Room, workload: Workload, ranOn: string): Promise<Expectation> {
  const { ledger } = room;
  const name = `${workload.name}@${ranOn}`;
  const before = await ledger.learned(name);
  let news: Learned = {};
  const ms = (item: unknown, rank: number, q: number) => {
    const perUnit = quantile(nearest(merge(before, news), rank), q) ?? workload.limits.expectedMsPerUnit;
    return perUnit * workload.weight(item);
  };
  return {
    atMostMs: (item, rank) => ms(item, rank, admissionQuantile),
    typicalMs: (item, rank) => ms(item, rank, planningQuantile),
    learn(item, rank, durationMs) {
      news = { ...news, [rank]: observe(news[rank] ?? noDurations, durationMs / workload.weight(item)) };
    },
    async save() {
      if (Object.keys(news).length === 0) return;
      const all = merge(await ledger.learned(name), news);
      const aged = Object.entries(all).map(([rank, durations]) => [rank, age(durations, remembered)]);
      await ledger.saveLearned(name, Object.fromEntries(aged));
    },
  };
}

/** The rank's own durations, or those of the nearest higher rank, which are rather too long, or else of a lower one. */
function nearest(learned: Learned, rank: number): Durations {
  const ranks = Object.keys(learned)
    .map(Number)
    .sort((a, b) => a - b);
  const known = ranks.find((other) => other >= rank) ?? ranks.at(-1);
  return (known !== undefined && learned[known]) || noDurations;
}

function merge(a: Learned, b: Learned): Learned {
  const ranks = new Set([...Object.keys(a), ...Object.keys(b)].map(Number));
  return Object.fromEntries(
    [...ranks].map((rank) => [rank, add(a[rank] ?? noDurations, b[rank] ?? noDurations)]),
  );
}
