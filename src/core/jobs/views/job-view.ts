import * as z from 'zod';
import { failureView } from '../../engine/failure-view.ts';

const count = z.int().min(0);
const time = z.iso.datetime();

/** A job as its tenant sees it. Counts come from the ledger; times are ISO 8601. */
export const jobView = z.object({
  jobId: z.string(),
  workload: z.string(),
  status: z
    .enum(['running', 'completed', 'partial', 'failed', 'cancelled'])
    .describe('partial: finished, some items failed; failed: finished, none succeeded'),
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
    .describe('Share of the items that are settled; of those known so far, while a file is being read'),
  errorCounts: z.record(z.string(), count).exactOptional().describe('Items that failed, by error code'),
  rate: z
    .number()
    .exactOptional()
    .describe('Items a second: of late while the job runs, over all of its time once it has ended'),
  etaSeconds: count.exactOptional().describe('Seconds until it is done, if it goes on like this'),
  slices: z
    .object({ running: count, done: count, total: count })
    .exactOptional()
    .describe('Parts that the job is cut into: those being worked on now, those that are settled, and all'),
  planning: z.literal(true).exactOptional().describe('The file is still being read: totalItems grows'),
  error: failureView.exactOptional().describe('Why the job was stopped, or failed as a whole'),
  finishing: z
    .literal(true)
    .exactOptional()
    .describe('The job was stopped, and is wound up: its files are being put together'),
  maxWorkers: z
    .int()
    .min(1)
    .exactOptional()
    .describe('Slices that may be at work at a time, where that was set'),
  createdAt: time,
  finishedAt: time.exactOptional(),
  paused: z
    .object({ upstream: z.string(), since: time })
    .exactOptional()
    .describe('The job waits for an upstream that is down; it goes on by itself'),
  lastError: z
    .object({ code: z.string(), message: z.string(), since: time })
    .exactOptional()
    .describe("What holds a running job up that is none of its items' fault; it is tried again by itself"),
  webhook: z
    .object({
      status: z.enum(['pending', 'delivered', 'failed']),
      attempts: count,
      lastStatus: z.int().exactOptional().describe("The receiver's HTTP status"),
      lastError: z.string().exactOptional().describe('Why there was no answer'),
    })
    .exactOptional()
    .describe("What became of telling the job's end, where that was asked for"),
});

export type JobView = z.output<typeof jobView>;

/** What a webhook is sent. */
export const endNotice = z.object({
  type: z.enum(['job.completed', 'job.partial', 'job.failed', 'job.cancelled']),
  timestamp: time.describe('When the job ended'),
  data: jobView,
});

const settled = {
  index: count.describe("The item's fixed position in its job, from 0"),
  itemId: z.string().exactOptional().describe("The caller's own name for the item, where it has one"),
  attempts: count.describe("Deliveries of the item's slice up to this outcome"),
  durationMs: z.number().min(0),
  ranOn: z.string().describe('Name of the function that settled it'),
};

/** How an item ended. Workloads may show their outcomes in a shape of their own. */
export const outcomeView = z.union([
  z.object({ ...settled, status: z.literal('succeeded'), output: z.unknown() }),
  z.object({ ...settled, status: z.literal('failed'), error: failureView }),
]);

/** What became of an item that had no outcome when its job was cancelled. */
export const cancelledView = z.object({ index: count, status: z.literal('cancelled') });
