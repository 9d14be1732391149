import { quantile } from '../../engine/durations.ts';
import { around, fade, type Learned, learn, merge, nothingLearned } from '../../engine/learned.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import type { Workload, WorkloadLimits } from '../workload.ts';

/** So many observations are kept in mind; older ones fade as new ones come. */
const remembered = 50;
/** Fewer observations than this say too little of a rank: one slow item would keep all others from starting there. */
const least = 5;
/** An item starts only if four of five like it would end in time: docs/decisions/admission.md. */
const admissionQuantile = 0.8;
/** From so many items on in one run, only one in `sampled` is learned from: more would say nothing new. */
const learnedInFull = 200;
const sampled = 101;
/** For totals over many items, whose ups and downs even out. */
const planningQuantile = 0.6;

/** What items are expected to take, from what was known before and what is learned meanwhile. */
export interface Estimate<Item = unknown> {
  /** Milliseconds that `item` will hardly exceed: decides whether it may still start. */
  atMostMs(item: Item, rank: number): number;
  /** Milliseconds that `item` may be planned with. */
  typicalMs(item: Item, rank: number): number;
  learn(item: Item, rank: number, durationMs: number): void;
  /** What was learned since this was last asked. */
  takeNews(): Learned;
}

/** What items are expected to take, from what workers of this kind have learned and this one just now. */
export interface Expectation extends Omit<Estimate, 'takeNews'> {
  /**
   * Adds to the ledger what was learned since it was last saved. Two workers saving at once may lose one's share, and
   * so does a failure: it is an estimate.
   */
  save(): Promise<void>;
}

/**
 * Reads what is known about a workload on a function, so that a cold start knows it too. Functions learn apart: what
 * takes a worker long that runs in the background need not take long where a caller waits.
 */
export async function loadExpectation(
  jobs: JobsContext,
  workload: Workload,
  ranOn: string,
): Promise<Expectation> {
  const { ledger } = jobs;
  const name = `${workload.name}@${ranOn}`;
  const { takeNews, ...expected } = estimate(await ledger.learned(name), workload);
  return {
    ...expected,
    async save() {
      const news = takeNews();
      if (news === nothingLearned) return;
      await ledger.saveLearned(name, remember(await ledger.learned(name), news));
    },
  };
}

/** What an estimate needs of a workload. */
interface Weighed<Item> extends Pick<Workload<Item>, 'weight'> {
  readonly limits: Pick<WorkloadLimits, 'expectedMsPerUnit'>;
}

/** Durations are learned per unit of weight. While nothing is known the workload's own guess stands in. */
export function estimate<Item>(before: Learned, { limits, weight }: Weighed<Item>): Estimate<Item> {
  let known = before;
  let news = nothingLearned;
  let observed = 0;
  /** By quantile: the answers by rank, until something is learned. Asked for every item, they differ for few. */
  const asked = {
    [admissionQuantile]: new Map<number, number>(),
    [planningQuantile]: new Map<number, number>(),
  };
  const ms = (item: Item, rank: number, q: keyof typeof asked) => {
    let perUnit = asked[q].get(rank);
    if (perUnit === undefined) {
      perUnit = quantile(around(known, rank, least), q) ?? limits.expectedMsPerUnit;
      asked[q].set(rank, perUnit);
    }
    return perUnit * weight(item);
  };
  return {
    atMostMs: (item, rank) => ms(item, rank, admissionQuantile),
    typicalMs: (item, rank) => ms(item, rank, planningQuantile),
    learn(item, rank, durationMs) {
      observed += 1;
      if (observed > learnedInFull && observed % sampled !== 0) return;
      const perUnit = durationMs / weight(item);
      known = learn(known, rank, perUnit);
      news = learn(news, rank, perUnit);
      for (const answers of Object.values(asked)) answers.clear();
    },
    takeNews() {
      const taken = news;
      news = nothingLearned;
      return taken;
    },
  };
}

/** `known` with `news` added, and older knowledge faded. */
export function remember(known: Learned, news: Learned): Learned {
  return fade(merge(known, news), remembered);
}
