import { randomBytes } from 'node:crypto';
import type { Failure } from '../../engine/errors.ts';
import type { Wait } from '../../engine/waiting.ts';
import type { Encoding } from '../../formats/encoding.ts';
import type { Format } from '../../formats/format.ts';
import type { Warning } from '../../formats/warning.ts';
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
  /** While the file is still being cut into slices: the items found so far. */
  totalItems: number;
  /** Counts of settled slices only; open slices hold their own counts. */
  succeeded: number;
  failed: number;
  createdAt: number;
  finishedAt?: number;
  /** Slices that may run at the same time. Default: no limit but the number of workers. */
  maxWorkers?: number;
  /** Items of a slice. Set if the options have changed since: its file goes on to be cut as it was begun. */
  sliceSize?: number;
  /** The file that holds its items. */
  source?: JobSource;
  /** What its user should know of that file: few, and short. */
  warnings?: readonly Warning[];
  /** Set until the whole file has been cut into slices. */
  planning?: boolean;
  /** How to write the file of its outcomes. */
  output?: JobOutput;
  /** Keys of the finished files: all outcomes, the failed items in the input's format, and the workload's summary. */
  files?: { output?: string; errors?: string; summary?: string };
  /** Why the job as a whole was stopped or failed, regardless of its items. */
  error?: Failure;
  /** The APIs that stand-ins answered for when the job began or was resumed. */
  simulatedBy?: readonly string[];
  /** Set while a stopped job winds up: its workers release their slices, then its files are written. */
  finishing?: boolean;
  /** How often failed and cancelled items were retried, and when the last retry began. */
  rounds?: number;
  resumedAt?: number;
  /** How often its files were written again in another format. */
  rewrites?: number;
  /** Names the call that began the round, so that a repeat of the call is recognized when its answer was lost. */
  reopenedBy?: string;
  /** Called when the job ends. */
  webhook?: Webhook;
  /** A stopped job that is wound up: the counts of the slices that it left open. */
  leftOpen?: Counts;
  /** Failed items of settled slices, by code. */
  codes?: ErrorCodes;
  /** Samples of its progress. Its recent speed is measured from the first one. */
  marks?: readonly Mark[];
  /** The command that the job belongs to. Default: nobody in particular, so every worker goes on with it. */
  owner?: Owner;
  /** What the job waits for. Kept until the next item succeeds. */
  waitingFor?: Wait;
  /** What holds the job up, through no fault of its items. Kept until the next item succeeds. */
  lastError?: Trouble;
}

/** Items with an outcome. */
export interface Counts {
  succeeded: number;
  failed: number;
  /** Failed items by code. */
  codes: ErrorCodes;
}

/**
 * A job that a command started on this machine is run by that command's own service, its session, and by no other. When
 * the session is over, however it ended, the job is held until it is resumed.
 */
export interface Owner {
  /** Empty: the job was held on purpose. */
  session: string;
  /** The last sign of life of the session, or when the job was held. Epoch milliseconds. */
  seenAt: number;
}

/** Whether a running job waits for its user: it belongs to a session other than the one that asks. */
export const isHeld = ({ status, owner }: Pick<Job, 'status' | 'owner'>, session: string | undefined) =>
  status === 'running' && owner !== undefined && owner.session !== session;

/** A sample of progress: `done` items were settled at `at` (epoch milliseconds). */
export interface Mark {
  at: number;
  done: number;
}

/** An object that the tenant uploaded: `uploads/<tenant>/…`. */
export interface JobSource {
  key: string;
  /** Default: detected from the name or the content. */
  format?: Format;
  /** Encoding of a text without a byte order mark. Default: UTF-8. */
  encoding?: Encoding;
  /** Name of a workbook's sheet, or its number from 1. Default: the first one that is not hidden. */
  sheet?: string | number;
  /** Rows above the header. Default: 0. */
  skipRows?: number;
  /** Column of the items → column of the file. */
  map?: Readonly<Record<string, string>>;
  /** The job's items are at most this many rows, the first ones. Default: all. */
  limit?: number;
}

/** How to write the finished file. */
export interface JobOutput {
  format: Format;
  /** Not for XLSX, which is compressed already. Default: false. */
  gzip?: boolean;
  /** CSV: begins with a byte order mark. Default: false. */
  bom?: boolean;
  /** CSV: texts that a spreadsheet would take for formulas begin with `'`. Default: false. */
  escapeFormulas?: boolean;
}

/** Trouble of the service or of an upstream, worded for the tenant. The service repeats the affected work by itself. */
export interface Trouble {
  code: string;
  message: string;
  /** When it came first. Epoch milliseconds. */
  since: number;
  /** How often it has come. */
  count: number;
}

/** How an item ended. Each item of an accepted job gets exactly one. */
export type Outcome<Output = unknown> = {
  index: number;
  /** The caller's own name for the item, if it has one. */
  itemId?: string;
  /** Deliveries of the item's slice up to this outcome. */
  attempts: number;
  durationMs: number;
  /** Name of the function that settled it. */
  ranOn: string;
  /** Stand-ins answered in place of real APIs: the output is invented. */
  simulated?: true;
} & ({ status: 'succeeded'; output: Output } | { status: 'failed'; error: Failure });

/** A job, its slices in the order of their ids, its tasks, and the ids of the slices that its counts include. */
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
  /** Hash of the request: the same key with a different request is refused. */
  requestHash: string;
  /** Epoch milliseconds after which the invocation that made the record is certainly over. */
  creatorGoneAt: number;
}

/** Begins with the time, so that ids sort by age. */
export function newJobId(now: number): string {
  return `job_${now.toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}`;
}

/** Id of the task that writes the files of the job's current round. */
export const finishTaskId = ({ rounds = 0, rewrites }: Pick<Job, 'rounds' | 'rewrites'>) =>
  `finish-${rounds}${rewrites === undefined ? '' : `-${rewrites}`}`;

/** When the job was created, in epoch milliseconds. */
export function madeAt(jobId: string): number {
  return Number.parseInt(jobId.slice(4, 13), 36);
}

/** Items known so far: `split-source` updates the job's count only now and then, but adds its slices at once. */
export function totalOf({ job, slices }: Pick<JobState, 'job' | 'slices'>): number {
  return slices.reduce((total, { from, span }) => Math.max(total, from + span), job.totalItems);
}

/** Everything recorded so far: the job's counts, plus those of slices that are not settled yet. */
export function progressOf({ job, slices, settled }: JobState): Counts {
  const { succeeded, failed, codes = {} } = job;
  return sumOf([{ succeeded, failed, codes }, openCounts({ slices, settled })]);
}

/** The counts of the slices that their job's counts do not include yet. */
export function openCounts({ slices, settled }: Pick<JobState, 'slices' | 'settled'>): Counts {
  const open = slices.filter(({ id }) => !settled.has(id));
  return sumOf(open.map(({ succeeded, failed, codes = {} }) => ({ succeeded, failed, codes })));
}

function sumOf(all: readonly Counts[]): Counts {
  const codes: Record<string, number> = {};
  for (const one of all) {
    for (const [code, n] of Object.entries(one.codes)) codes[code] = (codes[code] ?? 0) + n;
  }
  const sum = (count: 'succeeded' | 'failed') => all.reduce((total, one) => total + one[count], 0);
  return { succeeded: sum('succeeded'), failed: sum('failed'), codes };
}

/** What a job's record tells by itself, for views that do not read its slices. */
export function withoutSlices(job: Job): JobState {
  const known = sumOf([{ codes: {}, ...job }, ...(job.leftOpen ? [job.leftOpen] : [])]);
  return { job: { ...job, ...known }, slices: [], tasks: [], settled: new Set() };
}

export function finalStatus(job: Pick<Job, 'succeeded' | 'failed'>): Exclude<JobStatus, 'running'> {
  if (job.failed === 0) return 'completed';
  return job.succeeded === 0 ? 'failed' : 'partial';
}
