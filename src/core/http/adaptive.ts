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
    /** Calls at the same time to begin with. Default: `min`. */
    start: slotCount('start').optional(),
    min: slotCount('min').default(1),
    /** 1: strictly one after the other. */
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

/** How a call went, as far as the upstream's load is concerned. `unknown` tells nothing: aborted, or not sent. */
export type Load = 'fine' | 'overloaded' | 'unknown';

export interface Slots {
  /**
   * Runs a call in a slot as soon as one is free; rejects with the signal's reason if it aborts before. The call tells
   * how it went and how long the upstream took, in milliseconds.
   */
  run<T>(signal: AbortSignal, call: (tell: (load: Load, ms: number) => void) => Promise<T>): Promise<T>;
  /** Calls that may be under way at the same time just now. */
  readonly limit: number;
}

/** A window of measurement ends after so many calls for each slot, and at least so many in all: medians need some. */
const callsPerSlot = 2;
const leastCalls = 10;
/** The median latency may rise to so many times the unloaded one before slots are taken away. */
const tolerance = 1.25;
/** While nothing speaks against it, the first climb multiplies by this in each window. */
const climb = 1.5;
/** After so many windows in a row in which nothing spoke against it, it climbs like that again. */
const levelBefore = 2;
/** Slots kept when the upstream says that it is too much. */
const backOff = 0.9;
/** Within this share of where it was too much, up or down, slots are added carefully. */
const nearness = 0.3;
/** One window to measure the unloaded latency anew runs with this share of the slots that should leave no queue. */
const drained = 0.8;
/** After so many windows without a new lowest latency one window runs with few slots, to measure it anew. */
const windowsKnown = 30;

/**
 * As many calls at the same time as the upstream has use for: more while its latency stays level, fewer when it grows
 * (then calls only queue there) or when it refuses. After Netflix's concurrency-limits (Gradient2Limit: the limit follows
 * the ratio of unloaded to present latency, plus a queue of √limit), with the unloaded latency taken as the lowest
 * median of late and measured anew from time to time, as BBR does for its round trip (Cardwell et al., 2016), and
 * multiplicative decrease on refusals (AIMD; Chiu and Jain, 1989). Medians, because a few slow calls are no sign of load.
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
  /** The limit in fractions, so that small steps add up. */
  let limit = start;
  let climbing = true;
  /** Where the upstream refused last: from there on steps are small. */
  let ceiling = Number.POSITIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  let windowsSinceLowest = 0;
  /** Windows in a row in which all slots were in use and the latency was level. */
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

  /** Slots to add: a queue's worth, which shows in the latency; carefully where the upstream refused before. */
  const step = () => (isNearCeiling() ? 1 / Math.sqrt(limit) : Math.sqrt(limit));
  const isNearCeiling = () => Math.abs(limit / ceiling - 1) < nearness;

  const judge = () => {
    const median = medianOf(latencies);
    const inUse = mostAtOnce >= Math.floor(limit);
    windowsSinceLowest += 1;
    if (median <= lowest) {
      // Half of the way only: of many medians the lowest is more luck than truth.
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
      // Much room, as where another worker has just ended, is not taken in small steps.
      if (levelWindows > levelBefore && !isNearCeiling()) climbing = true;
      setLimit(limit + (climbing ? Math.max(1, limit * (climb - 1)) : step()));
    }
    nextWindow();
  };

  const tell = (startedAt: number, load: Load, ms: number) => {
    // A call that began before the last decision tells of a load that is gone.
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
