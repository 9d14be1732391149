/** What slices and tasks share: a worker claims one, holds it under a lease, and releases or closes it. */
interface Work {
  jobId: string;
  id: string;
  /** How often a worker claimed it. Also the fence: only the holder of the newest claim may write. */
  claims: number;
  /** How often a worker released it because its budget was over. */
  hops: number;
  /** How often a worker released it to wait for a limit, or for something out of reach. */
  waits: number;
  /** How many workers in a row vanished while they held it, or failed for an unknown reason. Any progress resets it. */
  crashes: number;
  /** When it was last put into the queue. Epoch milliseconds. */
  queuedAt: number;
  /** How often the sweeper has resent its message since then. */
  resends: number;
}

/** A message points to it. */
export interface Queued {
  status: 'queued';
}

/** A worker holds its lease. */
export interface Running {
  status: 'running';
  /** Epoch milliseconds. */
  leaseUntil: number;
  /** Names the claim, so that a repeat is recognized when the claim's answer was lost. */
  holder: string;
}

/**
 * Nothing is left to do. `done`: all of it is done. `split`: the rest went to smaller slices. `dropped`: a slice of a
 * later round has replaced it.
 */
export interface Closed<Status extends 'done' | 'split' | 'dropped'> {
  status: Status;
}

/** A contiguous run of a job's items: the unit of hand-over, checkpoint and redelivery. */
export type Slice = Work & {
  /**
   * `000012`; a part of a split slice adds its number: `000012.3`; a retry adds its round: `000012.r1`. Sorts in the
   * order of the items.
   */
  id: string;
  /** Index of its first item. */
  from: number;
  /** Number of indices it spans. */
  span: number;
  /** Names of the objects that hold its outcomes, in recording order. */
  parts: readonly string[];
  succeeded: number;
  failed: number;
  codes?: ErrorCodes;
  /** Successes that need review. Absent if its workload asks for none. */
  review?: number;
} & (Queued | Running | Closed<'done' | 'split' | 'dropped'>);

export type TaskKind = 'split-source' | 'write-output' | 'notify';

/** A step of a job that has no items: cuts its file into slices, writes its output, or sends the notice of its end. */
export type Task = Work & {
  task: TaskKind;
  /** Its progress. */
  note?: unknown;
} & (Queued | Running | Closed<'done'>);

/** Failed items by error code. Codes beyond the first {@link mostCodes} count as `OTHER`. */
export type ErrorCodes = Readonly<Record<string, number>>;

/** Error codes that a slice counts separately. */
const mostCodes = 20;

/** The counts with one more failure. */
export function withCode(codes: ErrorCodes, code: string): ErrorCodes {
  const known = code in codes || Object.keys(codes).length < mostCodes;
  const counted = known ? code : 'OTHER';
  return { ...codes, [counted]: (codes[counted] ?? 0) + 1 };
}

/** Points to a slice or a task by its id; a message holds nothing else. */
export interface SliceRef {
  jobId: string;
  sliceId: string;
}

/** The right to write to a slice or a task until a later claim exists. */
export interface Lease extends SliceRef {
  claim: number;
}

/** A slice that a worker has claimed. */
export interface Claimed {
  slice: Slice;
  lease: Lease;
}

/** A task that a worker has claimed. */
export interface ClaimedTask {
  task: Task;
  lease: Lease;
}

/** No worker has claimed it yet. */
const untouched = { status: 'queued', claims: 0, hops: 0, waits: 0, crashes: 0, resends: 0 } as const;

export function newSlice(place: Pick<Slice, 'jobId' | 'id' | 'from' | 'span'>, now: number): Slice {
  return { ...untouched, ...place, queuedAt: now, parts: [], succeeded: 0, failed: 0 };
}

export function newTask(place: Pick<Task, 'jobId' | 'id' | 'task' | 'note'>, now: number): Task {
  return { ...untouched, ...place, queuedAt: now };
}

export function sliceId(position: number): string {
  return String(position).padStart(6, '0');
}

export const isTask = (work: Slice | Task): work is Task => 'task' in work;
export const isSlice = (work: Slice | Task): work is Slice => !isTask(work);

/** Nothing is left to do in it. */
export function isClosed({ status }: Slice | Task): boolean {
  return status !== 'queued' && status !== 'running';
}

/** Ids of the slices that `id` was split from, nearest last. */
export function ancestors(id: string): string[] {
  const steps = id.split('.');
  return steps.slice(1).map((_, depth) => steps.slice(0, depth + 1).join('.'));
}

/** Ids of the slices that `id` was split from in its own round, nearest last. */
export function splitFrom(id: string): string[] {
  return ancestors(id).filter((one) => roundOf(one) === roundOf(id));
}

/** The slice that was originally cut from the job. All that came out of it is its family. */
export function rootOf(id: string): string {
  return ancestors(id)[0] ?? id;
}

/** Groups slices with those that came out of them, the root first. Each family spans its own run of items. */
export function familiesOf(slices: readonly Slice[]): Slice[][] {
  return [...Map.groupBy(slices, ({ id }) => rootOf(id)).values()];
}

/** The round in which a slice runs: 0 at first; each retry begins another. */
export function roundOf(id: string): number {
  const rounds = id.split('.').map((step) => Number(/^r(\d+)$/.exec(step)?.[1] ?? 0));
  return Math.max(...rounds);
}
