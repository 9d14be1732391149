/** What slices and tasks have in common: a worker takes them, holds them under a lease, and gives them back or closes them. */
interface Work {
  jobId: string;
  id: string;
  /** How often a worker took it. Also fences: only the holder of the newest claim may write. */
  claims: number;
  /** How often a worker gave it back in good order because its budget was over. */
  hops: number;
  /** How often a worker gave it back because a limit, or something that is out of reach, had to be waited for. */
  waits: number;
  /**
   * How many workers in a row vanished with it in their hands, or failed for a reason that nobody knows. Starts anew with
   * each progress.
   */
  crashes: number;
  /** When it was last put into the queue. Epoch milliseconds. */
  queuedAt: number;
  /** How often the sweeper has sent its message again since then. */
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
  /** Names the claim, so that one whose answer was lost is known again. */
  holder: string;
}

/**
 * Nothing is left to do. `done`: all of it is. `split`: what was left went to smaller slices of its own. `dropped`: a
 * slice of a later round has taken its place.
 */
export interface Closed<Status extends 'done' | 'split' | 'dropped'> {
  status: Status;
}

/** A contiguous run of a job's items: the unit of hand-over, checkpoint and redelivery. */
export type Slice = Work & {
  /**
   * `000012`; a part of a split slice adds its number: `000012.3`; what failed and is run again adds the round:
   * `000012.r1`. Sorts in the order of the items.
   */
  id: string;
  /** Index of its first item. */
  from: number;
  /** Number of indices it spans. */
  span: number;
  /** Names of the objects that hold its outcomes, in the order in which they were recorded. */
  parts: readonly string[];
  succeeded: number;
  failed: number;
  codes?: ErrorCodes;
} & (Queued | Running | Closed<'done' | 'split' | 'dropped'>);

export type TaskKind = 'split-source' | 'write-output' | 'notify';

/** A step of a job that has no items: cutting its file into slices, writing its output, telling its end. */
export type Task = Work & {
  task: TaskKind;
  /** How far it has got. */
  note?: unknown;
} & (Queued | Running | Closed<'done'>);

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

/** What a message points to: a slice or a task, by its id. */
export interface SliceRef {
  jobId: string;
  sliceId: string;
}

/** The right to write to a slice or a task, as long as no later claim exists. */
export interface Lease extends SliceRef {
  claim: number;
}

/** A slice that a worker has taken. */
export interface Claimed {
  slice: Slice;
  lease: Lease;
}

/** A task that a worker has taken. */
export interface ClaimedTask {
  task: Task;
  lease: Lease;
}

/** Nobody has worked on it yet. */
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
