import { randomBytes } from 'node:crypto';
import { type Failure, SpillwayError } from '../engine/errors.ts';
import type { Encoding } from '../formats/encoding.ts';
import type { Format } from '../formats/format.ts';
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

/** Items by error code. Those beyond the first {@link mostCodes} count as `OTHER`. */
export type ErrorCodes = Readonly<Record<string, number>>;

/** Kinds of errors that a slice tells apart. */
const mostCodes = 20;

/** With one more failure. */
export function withCode(codes: ErrorCodes, code: string): ErrorCodes {
  const known = code in codes || Object.keys(codes).length < mostCodes;
  const counted = known ? code : 'OTHER';
  return { ...codes, [counted]: (codes[counted] ?? 0) + 1 };
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

/**
 * A contiguous run of a job's items. `queued`: a message points to it. `running`: some worker holds its lease.
 * `done`: every item has its outcome. `split`: what was left of it went to smaller slices of their own.
 */
export type SliceStatus = 'queued' | 'running' | 'done' | 'split';

export interface Slice {
  jobId: string;
  /** No items, but a task of the job itself: cutting its file into slices, putting its output together, telling its end. */
  task?: 'plan' | 'finish' | 'notify';
  /** How far a task has got. */
  note?: unknown;
  /**
   * `000012`; a part of a split slice adds its number: `000012.3`; what failed and is run again adds the round:
   * `000012.r1`. Sorts in the order of the items.
   */
  id: string;
  /** Index of its first item. */
  from: number;
  /** Number of indices it spans. */
  span: number;
  status: SliceStatus;
  /** How often a worker took it. Also fences: only the holder of the newest claim may write. */
  claims: number;
  /** How often a worker gave it back in good order because its budget was over. */
  hops: number;
  /** How often a worker gave it back because a limit or an upstream that is down had to be waited for. */
  waits: number;
  /** Set while running. */
  leaseUntil?: number;
  /** When it was last put into the queue. */
  queuedAt: number;
  /** How often the sweeper has sent its message again since then. */
  resends: number;
  /** Names of the objects that hold its outcomes, in the order in which they were recorded. */
  parts: string[];
  succeeded: number;
  failed: number;
  codes?: ErrorCodes;
}

export interface SliceRef {
  jobId: string;
  sliceId: string;
}

/** The right to write to a slice, as long as no later claim exists. */
export interface Lease extends SliceRef {
  claim: number;
}

/** A slice that a worker has taken. */
export interface Claimed {
  slice: Slice;
  lease: Lease;
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
  tasks: Slice[];
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

/** Somebody else holds a newer claim on the slice: whatever this worker knows about it is void. */
export class LeaseLost extends SpillwayError {
  constructor(lease: Lease) {
    super('LEASE_LOST', `Claim ${lease.claim} on slice ${lease.sliceId} of ${lease.jobId} is over`, {
      retryable: true,
    });
  }
}

/** Time first, so that ids sort by age. */
export function newJobId(now: number): string {
  return `job_${now.toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}`;
}

/** When the job was made, in epoch milliseconds. */
export function madeAt(jobId: string): number {
  return Number.parseInt(jobId.slice(4, 13), 36);
}

/** A slice that nobody has worked on yet. */
export function newSlice(place: Pick<Slice, 'jobId' | 'id' | 'from' | 'span'>, now: number): Slice {
  return {
    ...place,
    status: 'queued',
    claims: 0,
    hops: 0,
    waits: 0,
    queuedAt: now,
    resends: 0,
    parts: [],
    succeeded: 0,
    failed: 0,
  };
}

export function sliceId(position: number): string {
  return String(position).padStart(6, '0');
}

/** Nothing is left to do in it. */
export function isClosed(slice: Slice): boolean {
  return slice.status === 'done' || slice.status === 'split';
}

/** Workers that vanished with the slice in their hands, as seen by the holder of the current claim. */
export function crashes(slice: Slice): number {
  return slice.claims - 1 - slice.hops - slice.waits;
}

/** Ids of the slices that `id` was split from, nearest last. */
export function ancestors(id: string): string[] {
  const steps = id.split('.');
  return steps.slice(1).map((_, depth) => steps.slice(0, depth + 1).join('.'));
}

/** The slice that was cut out of the job in the first place: all that became of it are its family. */
export function rootOf(id: string): string {
  return ancestors(id)[0] ?? id;
}

/** Slices together with those that came out of them: each family spans its own run of items, its root first. */
export function familiesOf(slices: readonly Slice[]): Slice[][] {
  return [...Map.groupBy(slices, ({ id }) => rootOf(id)).values()];
}

/** The round in which a slice runs: 0 at first, then one for each time that what had failed is run again. */
export function roundOf(id: string): number {
  const rounds = id.split('.').map((step) => Number(/^r(\d+)$/.exec(step)?.[1] ?? 0));
  return Math.max(...rounds);
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

export function finalStatus(job: Pick<Job, 'succeeded' | 'failed'>): JobStatus {
  if (job.failed === 0) return 'completed';
  return job.succeeded === 0 ? 'failed' : 'partial';
}
