import PQueue from 'p-queue';
import * as z from 'zod';
import type { Clock } from '../engine/clock.ts';
import { SpillwayError } from '../engine/errors.ts';
import { httpErrors } from './http-errors.ts';

const slotCount = (name: string) => {
  const error = ({ input }: { input?: unknown }) =>
    `${name} must be a whole number from 1 to 10000, but was ${String(input)}`;
  return z.int({ error }).min(1, { error, abort: true }).max(10_000, { error, abort: true });
};

const concurrencyDefinition = z
  .strictObject({
    /** Concurrent calls at the start. Default: `min`. */
    start: slotCount('start').optional(),
    min: slotCount('min').default(1),
    /** 1: strictly one call after another. */
    max: slotCount('max'),
  })
  .superRefine(({ start = undefined, min, max }, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', message });
    if (max < min) problem(`max must not be less than min (${min}), but was ${max}`);
    else if (start !== undefined && (start < min || start > max)) {
      problem(`start must lie between min (${min}) and max (${max}), but was ${start}`);
    }
  });

export type ConcurrencyDefinition = z.input<typeof concurrencyDefinition>;

/** What a call says about the upstream's load. `unknown` says nothing: the call was aborted or not sent. */
export type Load = 'fine' | 'overloaded' | 'unknown';

export interface Slots {
  /**
   * Runs a call as soon as a slot is free; rejects with the signal's reason if it aborts first. The call
   * reports how it went and how long the upstream took, in milliseconds.
   */
  run<T>(signal: AbortSignal, call: (tell: (load: Load, ms: number) => void) => Promise<T>): Promise<T>;
  /** How many calls may run concurrently at the moment. */
  readonly limit: number;
}

/** A measurement window ends after this many calls per slot, and after a minimum in total: a median needs several. */
const callsPerSlot = 2;
const leastCalls = 10;
/** The median latency may rise to this multiple of the unloaded latency before slots are removed. */
const tolerance = 1.25;
/** The first climb multiplies the limit by this in each window, until latency or a refusal stops it. */
const climb = 1.5;
/** After this many level windows in a row, the fast climb resumes. */
const levelBefore = 2;
/** The share of slots kept when the upstream refuses for overload. */
const backOff = 0.9;
/** Within this share of the last refused limit, above or below, slots are added carefully. */
const nearness = 0.3;
/** To measure the unloaded latency, one window runs with this share of the slots that should leave no queue. */
const drained = 0.8;
/** After this many windows without a new lowest latency, one window runs with few slots to measure it again. */
const windowsKnown = 30;

/**
 * Finds how many concurrent calls the upstream can use: it adds slots while latency stays level, and removes
 * them when latency grows (more calls would only queue there) or the upstream refuses.
 *
 * Follows Netflix's concurrency-limits (Gradient2Limit: the limit follows the ratio of unloaded to present
 * latency, plus a queue of √limit). The unloaded latency is the lowest recent median, measured again from
 * time to time, as BBR does for its round trip (Cardwell et al., 2016). Refusals cause a multiplicative
 * decrease (AIMD; Chiu and Jain, 1989). It uses medians because a few slow calls are no sign of load.
 *
 * Throws `CONCURRENCY_INVALID`, naming the value.
 */
export function createSlots(name: string, definition: ConcurrencyDefinition, clock: Clock): Slots {
  const parsed = concurrencyDefinition.safeParse(definition);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ message }) => message).join('; ');
    throw new SpillwayError(httpErrors.CONCURRENCY_INVALID, `Concurrency of ${name}: ${problems}`);
  }
  const { min, max, start = min } = parsed.data;
  const turns = new PQueue({ concurrency: start });
  /** Fractional, so that small steps add up. */
  let limit = start;
  let climbing = true;
  /** The limit at the last refusal. From there on, steps are small. */
  let ceiling = Number.POSITIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  let windowsSinceLowest = 0;
  /** Windows in a row with all slots in use and level latency. */
  let levelWindows = 0;
  let latencies: number[] = [];
  let mostAtOnce = 0;
  let windowFrom = clock.now();
  let underWay = 0;

  const setLimit = (wanted: number) => {
    limit = Math.min(max, Math.max(min, wanted));
    turns.concurrency = Math.floor(limit);
  };

  const nextWindow = () => {
    latencies = [];
    mostAtOnce = underWay;
    windowFrom = clock.now();
  };

  /** Slots to add: one queue's worth, which shows in the latency; less near the last refused limit. */
  const step = () => (isNearCeiling() ? 1 / Math.sqrt(limit) : Math.sqrt(limit));
  const isNearCeiling = () => Math.abs(limit / ceiling - 1) < nearness;

  const judge = () => {
    const median = medianOf(latencies);
    const inUse = mostAtOnce >= Math.floor(limit);
    windowsSinceLowest += 1;
    if (median <= lowest) {
      // Only halfway: the lowest of many medians is more luck than truth.
      lowest = Number.isFinite(lowest) ? (lowest + median) / 2 : median;
      windowsSinceLowest = 0;
    }
    const gradient = Math.min(1, (tolerance * lowest) / median);
    if (windowsSinceLowest > windowsKnown) {
      lowest = Number.POSITIVE_INFINITY;
      windowsSinceLowest = 0;
      setLimit(limit * gradient * drained);
    } else if (gradient < 1) {
      climbing = false;
      levelWindows = 0;
      setLimit(limit * gradient + step());
    } else if (inUse) {
      levelWindows += 1;
      // When much room opens up, for example because another worker has just ended, small steps are too slow.
      if (levelWindows > levelBefore && !isNearCeiling()) climbing = true;
      setLimit(limit + (climbing ? Math.max(1, limit * (climb - 1)) : step()));
    }
    nextWindow();
  };

  const tell = (startedAt: number, load: Load, ms: number) => {
    // A call that began before the last decision measured a load that no longer exists.
    if (load === 'unknown' || startedAt < windowFrom) return;
    if (load === 'overloaded') {
      climbing = false;
      levelWindows = 0;
      ceiling = limit;
      setLimit(limit * backOff);
      nextWindow();
      return;
    }
    latencies.push(ms);
    if (latencies.length >= Math.max(leastCalls, callsPerSlot * limit)) judge();
  };

  return {
    run: (signal, call) =>
      turns.add(
        async () => {
          underWay += 1;
          mostAtOnce = Math.max(mostAtOnce, underWay);
          try {
            return await call((load, ms) => tell(clock.now() - ms, load, ms));
          } finally {
            underWay -= 1;
          }
        },
        { signal },
      ),
    get limit() {
      return turns.concurrency;
    },
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
