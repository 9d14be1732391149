import * as z from 'zod';
import type { Instant } from './time.ts';

const nanosecondsPer = {
  second: 1_000_000_000n,
  minute: 60_000_000_000n,
  hour: 3_600_000_000_000n,
  day: 86_400_000_000_000n,
} as const;

/** Rates are counted in millionths of a token. */
const millionths = 1_000_000;

export const limitSchema = z.strictObject({
  /** Tokens that come back per `per`. Down to a millionth. */
  rate: z.number().min(0.000001).max(1_000_000_000),
  per: z.enum(['second', 'minute', 'hour', 'day']),
  /** Tokens that the bucket holds; it starts full. */
  burst: z.number().int().min(1).max(1_000_000_000),
  /** `steady`: tokens come back all the time. `stepped`: all of a period's at its end. */
  refill: z.enum(['steady', 'stepped']).optional(),
  /** A call is let through while there is any token left, and what it costs beyond them is owed. */
  overdraft: z.boolean().optional(),
});

export type Limit = z.infer<typeof limitSchema>;

/** A token bucket. It decides in whole numbers: neither rounding nor a late timer ever lets a call too many through. */
export interface Bucket {
  readonly limit: Limit;
  /** Takes `cost` tokens if they are there. Returns whether they were. */
  take(at: Instant, cost: number): boolean;
  /** Gives tokens back that turned out not to be needed. */
  give(at: Instant, cost: number): void;
  /** Tokens that are there; less than none when some are owed. */
  left(at: Instant): number;
  /** Milliseconds until a call of this cost would be let through; Infinity if never. */
  msUntil(at: Instant, cost: number): number;
  /** Milliseconds until the bucket is full. */
  msUntilFull(at: Instant): number;
  /** Milliseconds until tokens come back next. */
  msUntilRefill(at: Instant): number;
}

export function createBucket(limit: Limit, startedAt: Instant): Bucket {
  const period = nanosecondsPer[limit.per];
  // A token is this many units, so that each nanosecond adds a whole number of them.
  const token = BigInt(millionths) * period;
  const perNanosecond = BigInt(Math.max(1, Math.round(limit.rate * millionths)));
  const full = BigInt(limit.burst) * token;
  let level = full;
  let refilledAt = startedAt;

  /** The last moment up to which tokens have come back. */
  const tick = (at: Instant) => (limit.refill === 'stepped' ? at - ((at - startedAt) % period) : at);

  function refill(at: Instant): void {
    const now = tick(at);
    if (now <= refilledAt) return;
    const refilled = level + (now - refilledAt) * perNanosecond;
    level = refilled < full ? refilled : full;
    refilledAt = now;
  }

  /** Milliseconds until the level is `wanted`, after a refill. */
  function msUntilLevel(at: Instant, wanted: bigint): number {
    if (wanted > full) return Number.POSITIVE_INFINITY;
    if (level >= wanted) return 0;
    const nanoseconds = ceilDivide(wanted - level, perNanosecond);
    const steps = limit.refill === 'stepped' ? ceilDivide(nanoseconds, period) * period : nanoseconds;
    return Number(refilledAt + steps - at) / 1e6;
  }

  const needed = (cost: number) => (limit.overdraft === true ? token : BigInt(cost) * token);

  return {
    limit,
    take: (at, cost) => {
      refill(at);
      if (level < needed(cost)) return false;
      level -= BigInt(cost) * token;
      return true;
    },
    give: (at, cost) => {
      refill(at);
      const given = level + BigInt(cost) * token;
      level = given < full ? given : full;
    },
    left: (at) => {
      refill(at);
      return Number(level) / Number(token);
    },
    msUntil: (at, cost) => {
      refill(at);
      return msUntilLevel(at, needed(cost));
    },
    msUntilFull: (at) => {
      refill(at);
      return msUntilLevel(at, full);
    },
    msUntilRefill: (at) => {
      if (limit.refill === 'stepped') return Number(tick(at) + period - at) / 1e6;
      refill(at);
      return Number(ceilDivide(token - (((level % token) + token) % token), perNanosecond)) / 1e6;
    },
  };
}

function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
