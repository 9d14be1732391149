import * as z from 'zod';
import { SpillwayError } from '../engine/errors.ts';
import { checked } from '../json/check.ts';
import { rateRule } from '../limits/rule.ts';
import { forecastErrors } from './forecast-errors.ts';
import { certainties } from './prices.ts';

const number = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const error = ({ input }: { input?: unknown }) =>
    `must be a number from ${min} to ${max}, but was ${String(input)}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};
const whole = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const error = ({ input }: { input?: unknown }) =>
    `must be a whole number from ${min} to ${max}, but was ${String(input)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const rate = z.strictObject({
  /** Give one of the two, as in `src/core/limits/rule.ts`. */
  perSecond: z.number().optional(),
  perMinute: z.number().optional(),
  burst: z.number().optional(),
  /** What the rate limits, if not every request: `tokens`, or an operation's name. */
  counts: z.string().min(1).optional(),
  /** Average units of this rate per request, such as tokens; below 1 if only some requests count. */
  unitsPerCall: number(0.000001).default(1),
});

const vendorPrice = z.strictObject({
  /** What is paid for: `queries`, `tokens sent`. */
  what: z.string().min(1),
  usd: number(0),
  /** The billed unit: `query`, `token`. */
  per: z.string().min(1),
  /** Units that an item takes, on average. Default: it is a subscription, paid for each month that the run touches. */
  unitsPerItem: number(0).exactOptional(),
  /** What states the price, such as a page, when it was read (ISO 8601), and how sure that is. */
  page: z.string().min(1),
  readOn: z.iso.date().exactOptional(),
  certainty: z.enum(certainties),
});

/** A price of somebody else's API in USD. */
export type VendorPrice = z.output<typeof vendorPrice>;

const upstream = z
  .strictObject({
    name: z.string().min(1),
    /** Average look-ups per item; below 1 if answers are cached or only some items need one. */
    callsPerItem: number(0),
    /** Look-ups combined into one request. */
    batchSize: whole(1).default(1),
    /** Bytes of one request's answer, and of the request itself, headers included. */
    bytesIn: number(0),
    bytesOut: number(0),
    /** Latency of one request, in milliseconds. */
    latencyMs: number(0),
    /**
     * Its requests are spread over the whole run, including `wait`, instead of being made while items are
     * processed.
     */
    whileWaiting: z.boolean().default(false),
    /** Documented limits. All of them apply. */
    rates: z.array(rate).default([]),
    /** What its owner charges; a free one has a price of 0. Default: unknown. */
    prices: z.array(vendorPrice).exactOptional(),
  })
  .superRefine(({ name, rates }, context) => {
    for (const { counts: _, unitsPerCall, ...definition } of rates) {
      try {
        const { burst } = rateRule(name, definition);
        if (unitsPerCall > burst) {
          const message = `a request of ${unitsPerCall} units never fits a rate that allows ${burst} at once`;
          context.addIssue({ code: 'custom', message });
        }
      } catch (error) {
        if (!(error instanceof SpillwayError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    }
  });

/** What one item needs from AWS besides the job's own records, on average. */
const itemNeeds = z.strictObject({
  puts: number(0).default(0),
  gets: number(0).default(0),
  /** Bytes that remain in the store. */
  storedBytes: number(0).default(0),
  /** DynamoDB units. */
  tableWrites: number(0).default(0),
  tableReads: number(0).default(0),
});

const worker = z.strictObject({
  memoryMb: whole(128, 10_240).default(3_008),
  architecture: z.enum(['arm64', 'x86_64']).default('arm64'),
  /** How long a new worker takes to begin its first slice, in milliseconds. */
  coldStartMs: number(0, 60_000).default(1_000),
  /** The function's timeout in seconds, as in serverless.yml. */
  timeoutSeconds: whole(10, 900).default(300),
  /** The maximum number of workers: the queue's `maximumConcurrency` in serverless.yml. */
  most: whole(1, 1_000).default(50),
});

const schema = z
  .strictObject({
    /** The workload's name. */
    name: z.string().min(1).default('job'),
    items: whole(1, 1e10),
    sliceSize: whole(1, 1_000_000),
    /** Items that a worker processes concurrently. */
    slots: whole(1, 1_000),
    /** How long one item takes on its own, upstreams included. Half of the items take less than `typical`. */
    itemMs: z.strictObject({
      typical: number(0.001, 900_000),
      /** The spread, as the standard deviation of the logarithm; 0: always the same. */
      sigma: number(0, 3).optional(),
      /** Alternatively the known quantiles: milliseconds that 90, 95 and 99 of 100 items do not exceed. */
      p90: number(0.001).optional(),
      p95: number(0.001).optional(),
      p99: number(0.001).optional(),
    }),
    /** Processor time of one item, in milliseconds. A worker's few processors serve all its slots. */
    cpuMs: number(0).default(0),
    /**
     * What each slice waits for in the queue, such as a batch on another service: how long in milliseconds,
     * and how often a worker checks in that time whether it is over, taking `lookMs` for each check.
     */
    wait: z
      .strictObject({ ms: number(0), looks: whole(0), lookMs: number(0) })
      .prefault({ ms: 0, looks: 0, lookMs: 0 }),
    itemNeeds: itemNeeds.prefault({}),
    /**
     * If a number of workers means concurrent calls, all of one worker: the option that sets it, with `slots`
     * as the most that help, and the items of a slice for each call, within bounds.
     */
    callsOf: z
      .strictObject({
        option: z.string().min(1),
        sliceItems: whole(1),
        smallest: whole(1),
        largest: whole(1),
      })
      .optional(),
    /** The assumptions behind the figures, one sentence each, for readers of the forecast. */
    assumed: z.array(z.string()).default([]),
    /** How long finished items wait to be recorded together, at most, in milliseconds; 0: not at all. */
    checkpointMs: number(0).default(1_000),
    worker: worker.prefault({}),
    upstreams: z.array(upstream).default([]),
    /** Stored bytes of all items together. */
    sourceBytes: number(0).default(0),
    /** Bytes of all results together. */
    outputBytes: number(0).default(0),
    /** The machine to compare with: processors, each with a worker process of its own. Default: none. */
    machine: z.strictObject({ processors: whole(1, 1_024) }).exactOptional(),
    /** The numbers of workers to forecast, besides the adaptive one. */
    workers: z.array(whole(1, 1_000)).default([1, 5, 10, 20, 50]),
  })
  .superRefine(({ itemMs: { typical, sigma, p90, p95, p99 }, upstreams }, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', message });
    const quantiles = [p90, p95, p99].filter((one) => one !== undefined);
    if (sigma !== undefined && quantiles.length > 0) problem('itemMs has either sigma or quantiles');
    for (const [at, one] of quantiles.entries()) {
      const before = quantiles[at - 1] ?? typical;
      if (one < before) problem(`itemMs: quantiles must rise from typical on, but ${one} follows ${before}`);
    }
    const names = upstreams.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) problem(`upstreams: '${twice}' comes twice`);
  });

/** What is known about a run beforehand. */
export type PlanInput = z.input<typeof schema>;
/** The same, checked and with all defaults applied. */
export type Plan = z.output<typeof schema>;
export type PlannedUpstream = Plan['upstreams'][number];

/** Throws `PLAN_INVALID`, naming each wrong value. */
export function readPlan(input: unknown): Plan {
  const parsed = checked(schema, input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new SpillwayError(forecastErrors.PLAN_INVALID, `Plan: ${problems.join('; ')}`);
}
