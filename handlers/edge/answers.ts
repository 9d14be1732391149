import * as z from 'zod';
import { cancelledView, jobView, outcomeView } from '../../src/core/jobs/views/job-view.ts';
import type { Workload } from '../../src/core/jobs/workload.ts';

export const timings = z
  .object({ recordedMs: z.number().min(0), totalMs: z.number().min(0) })
  .describe('Milliseconds until the job was recorded, and until this answer');

/** As clients see it, for a workload without its own shape. */
export type Result = z.output<typeof outcomeView> | z.output<typeof cancelledView>;

/** An item's outcome, in the shape that all workloads share or in a workload's own. */
export function resultOf(workloads: readonly Workload[]): z.ZodType<Result> {
  const own = workloads.flatMap(({ view }) => (view?.schema ? [view.schema] : []));
  return z.union([outcomeView, ...(own as z.ZodType<Result>[]), cancelledView]);
}

/** Where the results go on if one answer cannot hold them. */
export const continuation = {
  cursor: z
    .string()
    .exactOptional()
    .describe('The cursor of `GET /jobs/{id}/results` for the results that follow; absent if these are all'),
  next: z.string().exactOptional().describe('Path of the page with the results that follow'),
};

/** Answer of `POST /jobs`. */
export const jobAnswer = (result: z.ZodType<Result>) =>
  jobView.extend({
    results: z
      .array(result)
      .exactOptional()
      .describe('Only for a job that is small enough to wait for; as many as one answer can hold'),
    ...continuation,
    timings: timings.exactOptional(),
  });

/** A line of an answer in JSON Lines: the job, each outcome once, then the job at the end of the stream. */
export const answerLine = (outcome: z.ZodType) =>
  z.union([
    jobView.extend({ type: z.literal('job') }),
    z.intersection(z.looseObject({ type: z.literal('outcome') }), outcome),
    z.object({ type: z.literal('heartbeat') }),
    jobView.extend({
      type: z.literal('end'),
      next: z
        .object({ location: z.string(), events: z.string(), retryAfter: z.int() })
        .exactOptional()
        .describe('Where to follow the job, if it continues'),
    }),
  ]);

/** Data of an event of `GET /jobs/{id}/events`. */
export const jobEvent = jobView.extend({
  settled: z
    .array(z.object({ from: z.int(), items: z.int(), succeeded: z.int(), failed: z.int() }))
    .describe('Runs of items that were settled since the previous event'),
});

/** Answer of `GET /jobs`. */
export const jobsAnswer = z.object({
  jobs: z.array(jobView),
  cursor: z.string().exactOptional().describe('Cursor of the next page; absent on the last page'),
});

/** Answer of `GET /jobs/{id}/results`. */
export const resultsAnswer = (result: z.ZodType<Result>) =>
  z.object({
    jobId: z.string(),
    results: z.array(result).describe('As many as one answer can hold, and at most `limit`'),
    ...continuation,
  });

/** Answer of `POST /uploads`. */
export const uploadsAnswer = z.object({
  uploads: z.array(
    z.object({
      key: z.string(),
      method: z.literal('PUT'),
      url: z.url(),
      headers: z.record(z.string(), z.string()).describe('Headers to send with the PUT'),
      expiresSeconds: z.int().min(1),
    }),
  ),
});

/** Answer of `GET /health`. */
export const healthAnswer = z.object({ status: z.literal('ok') });
