import { quantile } from '../../engine/durations.ts';
import { around, fade, type Learned, learn, merge, nothingLearned } from '../../engine/learned.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import type { Workload, WorkloadLimits } from '../workload.ts';

/** Weight of the remembered observations; older ones fade as new ones come. */
const remembered = 50;
/** The fewest observations to judge a rank by. With less, one slow item would keep all others from starting there. */
const least = 5;
/** An item starts only if four of five such items would end in time: docs/decisions/admission.md. */
const admissionQuantile = 0.8;
/** After this many items in one run, learn from only one in `sampled`: more would add nothing new. */
const learnedInFull = 200;
const sampled = 101;
/** For totals over many items, whose deviations even out. */
const planningQuantile = 0.6;

/** Expected durations of items, from earlier knowledge and from what this run learns. */
export interface Estimate<Item = unknown> {
  /** Milliseconds that `item` is unlikely to exceed: decides whether it may still start. */
  atMostMs(item: Item, rank: number): number;
  /** Milliseconds to plan for `item`. */
  typicalMs(item: Item, rank: number): number;
  learn(item: Item, rank: number, durationMs: number): void;
  /** What was learned since the last call. */
  takeNews(): Learned;
}

/** Expected durations of items, from what earlier workers of the same function learned and what this one learns. */
export interface Expectation extends Omit<Estimate, 'takeNews'> {
  /**
   * Adds what was learned since the last save to the ledger. A failure, or two workers that save at the same time, may
   * lose some of it; that is acceptable for an estimate.
   */
  save(): Promise<void>;
}

/**
 * Loads what is known about a workload on a function, so that a cold start has it too. Each function learns separately:
 * an item that is slow on a background worker need not be slow on the function that answers callers.
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

/** What an estimate needs to know about a workload. */
interface Weighed<Item> extends Pick<Workload<Item>, 'weight'> {
  readonly limits: Pick<WorkloadLimits, 'expectedMsPerUnit'>;
}

/** Learns durations per unit of weight. Until something is known, uses the workload's own guess. */
export function estimate<Item>(before: Learned, { limits, weight }: Weighed<Item>): Estimate<Item> {
  let known = before;
  let news = nothingLearned;
  let observed = 0;
  /** Cached answers by quantile and rank, until something is learned. Every item asks, but few answers differ. */
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
