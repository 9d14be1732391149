import * as z from 'zod';
import { failureView } from '../../engine/failure-view.ts';
import { warningCodes } from '../../formats/warning.ts';

const count = z.int().min(0);
const time = z.iso.datetime();

/** A job as the tenant sees it. Counts come from the ledger; times are ISO 8601. */
export const jobView = z.object({
  jobId: z.string(),
  workload: z.string(),
  status: z
    .enum(['running', 'completed', 'partial', 'failed', 'cancelled'])
    .describe('partial: ended, and some items failed; failed: ended, and no item succeeded'),
  totalItems: count,
  processedItems: count,
  successCount: count,
  errorCount: count,
  pendingCount: count,
  cancelledCount: count.exactOptional().describe('Items that had no outcome when the job was cancelled'),
  progress: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of the items that are settled; while a file is being read, of the items found so far'),
  errorCounts: z.record(z.string(), count).exactOptional().describe('Failed items by error code'),
  rate: z
    .number()
    .exactOptional()
    .describe('Items per second: recently while the job runs, on average once it has ended'),
  etaSeconds: count.exactOptional().describe('Seconds until the job ends at this rate'),
  slices: z
    .object({ running: count, done: count, total: count })
    .exactOptional()
    .describe('Slices of the job: those that run now, those that are settled, and all'),
  planning: z.literal(true).exactOptional().describe('The file is still being read, so totalItems grows'),
  error: failureView.exactOptional().describe('Why the job was stopped, or failed as a whole'),
  finishing: z
    .literal(true)
    .exactOptional()
    .describe('The job was stopped, and its files are still being written'),
  warnings: z
    .array(z.object({ code: z.enum(warningCodes), message: z.string() }))
    .exactOptional()
    .describe(
      'What you should know of the files: columns that were renamed, rows or values that were left out',
    ),
  maxWorkers: z
    .int()
    .min(1)
    .exactOptional()
    .describe('How many slices may run at the same time, if the request said so'),
  createdAt: time,
  finishedAt: time.exactOptional(),
  simulatedBy: z
    .array(z.string())
    .exactOptional()
    .describe('Stand-ins answer for these APIs, so results are invented'),
  held: z
    .literal(true)
    .exactOptional()
    .describe('The job was interrupted, or held on purpose: it goes on only when it is resumed'),
  heldSince: time.exactOptional().describe('Since when the job is held'),
  waitingFor: z
    .object({
      kind: z
        .enum(['upstream', 'rate', 'memory', 'lane'])
        .describe(
          'upstream: it is down; rate: the turn at a shared rate; memory: that running items free some; lane: one of the places for simultaneous calls',
        ),
      name: z.string().describe('Of the upstream, the rate or the places'),
      since: time,
    })
    .exactOptional()
    .describe('What a job that stands still waits for; it continues by itself'),
  paused: z
    .object({ upstream: z.string(), since: time })
    .exactOptional()
    .describe('The same as `waitingFor` for an upstream, for older clients')
    .meta({ deprecated: true }),
  lastError: z
    .object({
      code: z.string(),
      message: z.string(),
      since: time.describe('When it came first'),
      count: z.int().min(1).describe('How often it has come'),
    })
    .exactOptional()
    .describe('What holds a running job up through no fault of its items; the service tries again by itself'),
  webhook: z
    .object({
      status: z.enum(['pending', 'delivered', 'failed']),
      attempts: count,
      lastStatus: z.int().exactOptional().describe('HTTP status of the last attempt'),
      lastError: z.string().exactOptional().describe('Error code of the last attempt, if it got no answer'),
    })
    .exactOptional()
    .describe('Whether the webhook was told that the job ended, if the job has one'),
});

export type JobView = z.output<typeof jobView>;

/** The body of a webhook. */
export const endNotice = z.object({
  type: z.enum(['job.completed', 'job.partial', 'job.failed', 'job.cancelled']),
  timestamp: time.describe('When the job ended'),
  data: jobView,
});

const settled = {
  index: count.describe('Position of the item in its job, from 0'),
  itemId: z.string().exactOptional().describe("The caller's own id for the item, if it has one"),
  attempts: count.describe('How often the slice of the item was delivered before this outcome'),
  durationMs: z.number().min(0),
  simulated: z
    .literal(true)
    .exactOptional()
    .describe('Stand-ins answered in place of real APIs: the output is invented'),
  ranOn: z.string().describe('Name of the function that settled the item'),
};

/** How an item ended. A workload may show its outcomes in its own shape. */
export const outcomeView = z.union([
  z.object({ ...settled, status: z.literal('succeeded'), output: z.unknown() }),
  z.object({ ...settled, status: z.literal('failed'), error: failureView }),
  z.object({
    ...settled,
    status: z.enum(['succeeded', 'failed']),
    omittedBytes: count.describe(
      'Not even an empty answer can hold the output, which has this many bytes. The files of the job have it',
    ),
    error: failureView.exactOptional(),
  }),
]);

/** An item that had no outcome when its job was cancelled. */
export const cancelledView = z.object({ index: count, status: z.literal('cancelled') });
