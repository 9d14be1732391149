import * as z from 'zod';
import { SpillwayError } from '../engine/errors.ts';
import { limitErrors } from './limit-errors.ts';

const over0 = (name: string) => {
  const error = ({ input }: { input?: unknown }) =>
    `${name} must be a number over 0, but was ${String(input)}`;
  return z.number({ error }).positive({ error });
};
const burstError = ({ input }: { input?: unknown }) =>
  `burst must be a number of at least 1, but was ${String(input)}`;

const rateDefinition = z
  .strictObject({
    /** Calls per second, or whichever unit the limit counts. */
    perSecond: over0('perSecond').optional(),
    /** The same per minute, as token limits are stated. */
    perMinute: over0('perMinute').optional(),
    /** What may arrive at once after a pause: the capacity of the upstream's token bucket. Default: 1. */
    burst: z.number({ error: burstError }).min(1, { error: burstError }).default(1),
  })
  .refine(({ perSecond, perMinute }) => (perSecond === undefined) !== (perMinute === undefined), {
    error: 'a rate has either perSecond or perMinute',
  });

export type RateDefinition = z.input<typeof rateDefinition>;

/** The rate, `pace` times as fast. */
export function atPace({ perSecond, perMinute, ...rest }: RateDefinition, pace: number): RateDefinition {
  return {
    ...rest,
    ...(perSecond !== undefined && { perSecond: perSecond * pace }),
    ...(perMinute !== undefined && { perMinute: perMinute * pace }),
  };
}

/** A rate in its internal form. Units are calls, or whichever unit the limit counts. */
export interface RateRule {
  /** The upstream's time that one unit takes. */
  msPerUnit: number;
  /** Units that may come at once. */
  burst: number;
  /** A unit may be used up to this many milliseconds after its turn; later it is lost. */
  lateMs: number;
}

/**
 * The share of a rate that is used. At the full rate, the smallest difference between two clocks would add up
 * to a refusal.
 */
const used = 0.995;
/** Lateness to plan for, in milliseconds: timers, a busy event loop, network jitter. */
const plannedLatenessMs = 500;
/** The least lateness that a bucket of one call must get, in milliseconds, and the share of its interval. */
const leastLatenessMs = 10;
const latenessShare = 0.02;

/**
 * Turns a documented limit (token bucket: `burst` capacity, refilled at the rate) into a rule that keeps it
 * even though calls reach the upstream later than planned. If calls are planned for a bucket of `b` and each
 * is late by up to D, at most b + D·rate arrive at once, so b = burst − D·rate is safe. The rule therefore
 * keeps part of the burst back for lateness. A bucket of one has no part to spare, so its calls are spaced by
 * D more.
 *
 * Throws `RATE_INVALID`, naming the value.
 */
export function rateRule(name: string, definition: RateDefinition): RateRule {
  const parsed = rateDefinition.safeParse(definition);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ message }) => message).join('; ');
    throw new SpillwayError(limitErrors.RATE_INVALID, `Rate ${name}: ${problems}`);
  }
  const { perSecond, perMinute, burst } = parsed.data;
  const interval = (perSecond === undefined ? 60_000 / (perMinute ?? 1) : 1000 / perSecond) / used;
  if (burst < 2) {
    const lateness = Math.max(leastLatenessMs, latenessShare * interval);
    return { msPerUnit: interval + lateness, burst: 1, lateMs: lateness / 2 };
  }
  const keptBack = Math.min(burst / 2, Math.max(1, plannedLatenessMs / interval));
  // Half of the lateness arises here, before the call is sent; the rest is the network's.
  return { msPerUnit: interval, burst: burst - keptBack, lateMs: (keptBack * interval) / 2 };
}
