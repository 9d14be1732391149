import { add, age, type Durations, noDurations, observe, quantile } from '../engine/durations.ts';
import type { Room } from './room.ts';
import type { Workload } from './workload.ts';

/** So many observations are kept in mind; older ones fade as new ones come. */
const remembered = 500;
/** An item starts only if nine of ten like it would end in time. */
const admissionQuantile = 0.9;
/** For totals over many items, whose ups and downs even out. */
const planningQuantile = 0.6;

/** What a workload's items are expected to take, from what all workers have learned and this one just now. */
export interface Expectation {
  /** Milliseconds that `item` will hardly exceed: decides whether it may still start. */
  atMostMs(item: unknown): number;
  /** Milliseconds that `item` may be planned with. */
  typicalMs(item: unknown): number;
  learn(item: unknown, durationMs: number): void;
  /** Adds what was learned to the ledger. Two workers saving at once may lose one's share: it is an estimate. */
  save(): Promise<void>;
}

/** Reads what is known about the workload, so that a cold start knows it too. */
export async function loadExpectation(room: Room, workload: Workload): Promise<Expectation> {
  const { ledger } = room;
  const before = await ledger.durations(workload.name);
  let learned: Durations = noDurations;
  const ms = (item: unknown, q: number) => {
    const perUnit = quantile(add(before, learned), q) ?? workload.limits.expectedMsPerUnit;
    return perUnit * workload.weight(item);
  };
  return {
    atMostMs: (item) => ms(item, admissionQuantile),
    typicalMs: (item) => ms(item, planningQuantile),
    learn(item, durationMs) {
      learned = observe(learned, durationMs / workload.weight(item));
    },
    async save() {
      if (learned === noDurations) return;
      const current = await ledger.durations(workload.name);
      await ledger.saveDurations(workload.name, age(add(current, learned), remembered));
    },
  };
}
