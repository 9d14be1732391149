import { randomBytes } from 'node:crypto';
import type { Failure } from '../../engine/errors.ts';
import type { Encoding } from '../../formats/encoding.ts';
import type { Format } from '../../formats/format.ts';
import type { ErrorCodes, Slice, Task } from './slice.ts';
import type { Webhook } from './webhook.ts';

/** `partial`: finished, some items failed. `failed`: finished, none succeeded. */
export type JobStatus = 'running' | 'completed' | 'partial' | 'failed' | 'cancelled';

/** One batch that a tenant submitted. Times are epoch milliseconds. */
export interface Job {
  id: string;
  tenant: string;
  workload: string;
  options: unknown;
  status: JobStatus;
  /** While a file is still being planned: those found so far. */
  totalItems: number;
  /** Counts of the slices that are settled; slices still at work count for themselves. */
  succeeded: number;
  failed: number;
  createdAt: number;
  finishedAt?: number;
  /** Slices that may be at work at a time. Default: as many as there are workers. */
  maxWorkers?: number;
  /** The file that its items come from. */
  source?: JobSource;
  /** Set until the whole file has been cut into slices. */
  planning?: boolean;
  /** The file that its outcomes go to, for a job with a source. */
  output?: JobOutput;
  /** Keys of the finished files: all outcomes, the failed items in the input's own format, and the workload's summary. */
  files?: { output?: string; errors?: string; summary?: string };
  /** Why the job as a whole was stopped or failed, whatever its items did. */
  error?: Failure;
  /** Set while a job that was stopped winds up: its workers let go of their slices, then its files are put together. */
  finishing?: boolean;
  /** How often what had failed or was cancelled was run again, and when it last was. */
  rounds?: number;
  resumedAt?: number;
  /** Names the call that began its round, so that one whose answer was lost is known again. */
  reopenedBy?: string;
  /** Whom to tell when it ends. */
  webhook?: Webhook;
  /** How many items failed, by code; of the slices that are settled. */
  codes?: ErrorCodes;
  /** How far it was, now and then: what it has done of late is counted from the first. */
  marks?: readonly Mark[];
  /** Set while an upstream is down for so long that nobody waits for it in place any more. */
  paused?: Paused;
  /** What holds the job up, or has until the next item gets done, though none of its items can help it. */
  lastError?: Trouble;
}

/** So many items were settled at that time, in epoch milliseconds. */
export interface Mark {
  at: number;
  done: number;
}

/** An object that the tenant uploaded: `uploads/<tenant>/…`. */
export interface JobSource {
  key: string;
  /** Default: told by the name or the content. */
  format?: Format;
  /** Of a text without a byte order mark. Default: UTF-8. */
  encoding?: Encoding;
}

/** How the finished file is written. */
export interface JobOutput {
  format: Format;
  /** Not for XLSX, which is compressed by itself. Default: false. */
  gzip?: boolean;
}

/** The service's own trouble with a job, in words for its tenant. What it concerns is tried again by itself. */
export interface Trouble {
  code: string;
  message: string;
  /** Epoch milliseconds. */
  since: number;
}

/** The job goes on by itself when the upstream does. */
export interface Paused {
  upstream: string;
  /** Epoch milliseconds. */
  since: number;
}

/** How an item ended. Each item of an accepted job gets exactly one. */
export type Outcome<Output = unknown> = {
  index: number;
  /** The caller's own name for the item, where it has one. */
  itemId?: string;
  /** Deliveries of the item's slice up to this outcome. */
  attempts: number;
  durationMs: number;
  /** Name of the function that settled it. */
  ranOn: string;
} & ({ status: 'succeeded'; output: Output } | { status: 'failed'; error: Failure });

/** A job, its slices in the order of their ids, and the ids of those whose counts the job includes already. */
export interface JobState {
  job: Job;
  slices: Slice[];
  tasks: Task[];
  settled: ReadonlySet<string>;
}

/** Binds a client's idempotency key to one job. */
export interface JobKey {
  tenant: string;
  key: string;
  jobId: string;
  /** Hash of the request: the same key with another request is refused. */
  requestHash: string;
  /** Epoch milliseconds after which the invocation that made the record is dead for certain. */
  creatorGoneAt: number;
}

/** Time first, so that ids sort by age. */
export function newJobId(now: number): string {
  return `job_${now.toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}`;
}

/** When the job was made, in epoch milliseconds. */
export function madeAt(jobId: string): number {
  return Number.parseInt(jobId.slice(4, 13), 36);
}

/** Items that are known of: a planner tells the job of them now and then, while its slices are there at once. */
export function totalOf({ job, slices }: Pick<JobState, 'job' | 'slices'>): number {
  return slices.reduce((total, { from, span }) => Math.max(total, from + span), job.totalItems);
}

/** What has been recorded so far: what the job counts already, and what slices at work have done. */
export function progressOf({ job, slices, settled }: JobState): {
  succeeded: number;
  failed: number;
  codes: Record<string, number>;
} {
  const sum = { succeeded: job.succeeded, failed: job.failed, codes: { ...job.codes } };
  for (const slice of slices) {
    if (settled.has(slice.id)) continue;
    sum.succeeded += slice.succeeded;
    sum.failed += slice.failed;
    for (const [code, n] of Object.entries(slice.codes ?? {})) sum.codes[code] = (sum.codes[code] ?? 0) + n;
  }
  return sum;
}

export function finalStatus(job: Pick<Job, 'succeeded' | 'failed'>): Exclude<JobStatus, 'running'> {
  if (job.failed === 0) return 'completed';
  return job.succeeded === 0 ? 'failed' : 'partial';
}
