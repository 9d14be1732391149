import * as z from 'zod';
import { SpillwayError } from '../engine/errors.ts';
import { rateRule } from '../limits/rule.ts';
import { forecastErrors } from './forecast-errors.ts';

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
  /** One of the two, as `src/core/limits/rule.ts` has it. */
  perSecond: z.number().optional(),
  perMinute: z.number().optional(),
  burst: z.number().optional(),
  /** What it limits, where that is not every request: `tokens`, or an operation's name. */
  counts: z.string().min(1).optional(),
  /** Units of this rate that one request takes on average: tokens, say; below 1 where only some requests count. */
  unitsPerCall: number(0.000001).default(1),
});

const upstream = z
  .strictObject({
    name: z.string().min(1),
    /** Look-ups that an item makes on average; below 1 where answers are cached or only some items ask. */
    callsPerItem: number(0),
    /** Look-ups that are coalesced into one request. */
    batchSize: whole(1).default(1),
    /** Bytes of one request's answer, and of the request itself; headers included. */
    bytesIn: number(0),
    bytesOut: number(0),
    /** Of one request, in milliseconds. */
    latencyMs: number(0),
    /** Its requests are spread over the whole run, `wait` included, rather than made while items are worked on. */
    whileWaiting: z.boolean().default(false),
    /** Documented limits. All of them hold. */
    rates: z.array(rate).default([]),
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

/** What the work on one item asks of AWS besides the job's own records, on average. */
const itemNeeds = z.strictObject({
  puts: number(0).default(0),
  gets: number(0).default(0),
  /** Bytes that stay in the store. */
  storedBytes: number(0).default(0),
  /** Units of DynamoDB. */
  tableWrites: number(0).default(0),
  tableReads: number(0).default(0),
});

const worker = z.strictObject({
  memoryMb: whole(128, 10_240).default(3_008),
  architecture: z.enum(['arm64', 'x86_64']).default('arm64'),
  /** Until a new worker begins with its first slice, in milliseconds. */
  coldStartMs: number(0, 60_000).default(1_000),
  /** The function's timeout, as in serverless.yml. */
  timeoutSeconds: whole(10, 900).default(300),
  /** Workers that there may be at most: the queue's `maximumConcurrency` in serverless.yml. */
  most: whole(1, 1_000).default(50),
});

const schema = z
  .strictObject({
    /** The workload's name. */
    name: z.string().min(1).default('job'),
    items: whole(1, 1e10),
    sliceSize: whole(1, 1_000_000),
    /** Items that a worker has under way at the same time. */
    slots: whole(1, 1_000),
    /** How long one item takes on its own, upstreams included: half of the items take less than `typical`. */
    itemMs: z.strictObject({
      typical: number(0.001, 900_000),
      /** How it spreads, as the standard deviation of the logarithm; 0: always the same. */
      sigma: number(0, 3).optional(),
      /** Or by what is known of the distribution: milliseconds that 90, 95 and 99 of 100 items do not exceed. */
      p90: number(0.001).optional(),
      p95: number(0.001).optional(),
      p99: number(0.001).optional(),
    }),
    /** Milliseconds of a processor that one item takes: a worker has only so many processors for all its slots. */
    cpuMs: number(0).default(0),
    /**
     * What each slice waits for in the queue, such as a batch elsewhere: so many milliseconds, in which a worker looks so
     * many times whether it is over, each time for `lookMs`.
     */
    wait: z
      .strictObject({ ms: number(0), looks: whole(0), lookMs: number(0) })
      .prefault({ ms: 0, looks: 0, lookMs: 0 }),
    itemNeeds: itemNeeds.prefault({}),
    /**
     * Where a number of workers means calls under way, all of one worker: the option that says it, of which `slots` is the
     * most that are of use, and the items of a slice for each of them, within bounds.
     */
    callsOf: z
      .strictObject({
        option: z.string().min(1),
        sliceItems: whole(1),
        smallest: whole(1),
        largest: whole(1),
      })
      .optional(),
    /** What the figures rest on, a sentence each, for whoever reads the forecast. */
    assumed: z.array(z.string()).default([]),
    /** Finished items wait at most so many milliseconds to be recorded together; 0: they do not wait. */
    checkpointMs: number(0).default(1_000),
    worker: worker.prefault({}),
    upstreams: z.array(upstream).default([]),
    /** Of all items together, as they are stored. */
    sourceBytes: number(0).default(0),
    /** Of all results together. */
    outputBytes: number(0).default(0),
    /** Numbers of workers to forecast for, besides the adaptive one. */
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

/** What a run is known to be like beforehand. */
export type PlanInput = z.input<typeof schema>;
/** The same, checked and with all defaults. */
export type Plan = z.output<typeof schema>;
export type PlannedUpstream = Plan['upstreams'][number];

/** Throws `PLAN_INVALID`, naming each value that is wrong. */
export function readPlan(input: unknown): Plan {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new SpillwayError(forecastErrors.PLAN_INVALID, `Plan: ${problems.join('; ')}`);
}
