import type { Learned } from '../../engine/learned.ts';
import type { Job, JobKey, JobState, Mark, Paused, Trouble } from './job.ts';
import type { FinishEvent } from './job-life.ts';
import type { Lease, Slice, SliceRef, Task } from './slice.ts';
import type { After, Change, Checkpoint } from './slice-life.ts';

/** What became of an attempt to take a slice or a task. */
export type Claim =
  | { kind: 'slice'; slice: Slice; lease: Lease }
  | { kind: 'task'; task: Task; lease: Lease }
  /** Somebody else works on it. */
  | { kind: 'busy' }
  /** Nothing is left to do in it. */
  | { kind: 'closed'; work: Slice | Task }
  | { kind: 'missing' };

/** Epoch milliseconds. */
export interface LeaseTimes {
  now: number;
  leaseUntil: number;
}

/**
 * Slices and tasks. Their life is `slice-life.ts`: each method that is named after one of its transitions makes it, at
 * once for all who look, or says why not.
 */
export interface SliceRecords {
  slice(ref: SliceRef): Promise<Slice | undefined>;
  /** A slice of the job's own with all that came out of it, in the order of their ids. */
  family(jobId: string, rootId: string): Promise<Slice[]>;
  /** Adds slices and tasks to a job, unless they exist. */
  add(work: readonly (Slice | Task)[]): Promise<void>;
  claim(ref: SliceRef, times: LeaseTimes): Promise<Claim>;
  renew(lease: Lease, leaseUntil: number): Promise<Change<Slice | Task>>;
  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Change<Slice>>;
  /** Gives it back, to be delivered at `queuedAt` (epoch milliseconds). */
  release(lease: Lease, queuedAt: number, after: After): Promise<Change<Slice | Task>>;
  /** Adds the parts, unless they exist, then closes the slice. */
  split(lease: Lease, parts: readonly Slice[]): Promise<Change<Slice>>;
  /** Notes how far a task has got, if there is a note, and that it goes on; `done` closes it. */
  note(lease: Lease, note: unknown, leaseUntil: number, done: boolean): Promise<Change<Task>>;
  /** Made for exactly one caller. */
  expire(ref: SliceRef, now: number): Promise<Change<Slice | Task>>;
  drop(ref: SliceRef): Promise<Change<Slice>>;
  resend(ref: SliceRef): Promise<Change<Slice | Task>>;
}

/** Jobs. Their life is `job-life.ts`. */
export interface JobRecords {
  /** Writes the slices and tasks, then the job, whose existence makes it accepted. */
  create(job: Job, work: readonly (Slice | Task)[]): Promise<void>;
  job(jobId: string): Promise<Job | undefined>;
  /** Leaves out slices of a round that never began. */
  state(jobId: string): Promise<JobState | undefined>;
  /** A tenant's jobs, the latest first, made before the job `before`. */
  jobsOf(tenant: string, limit: number, before?: string): Promise<Job[]>;
  /**
   * Adds a closed slice's counts to its job, once, however often it is called; `first`: by this call. Throws
   * `JOB_NOT_FOUND`.
   */
  settle(slice: Slice): Promise<{ job: Job; first: boolean }>;
  mark(jobId: string, marks: readonly Mark[]): Promise<void>;
  /** Tells workers that a job has been ended from outside. Cheap to ask, unlike the job, which grows with its slices. */
  stop(jobId: string, round: number, now: number): Promise<void>;
  /** Whether the job was stopped in this round. */
  isStopped(jobId: string, round: number): Promise<boolean>;
  /** True when the job runs in that round now by this call. */
  reopen(jobId: string, round: number, now: number): Promise<boolean>;
  /** How many items a file has so far; `done`: in all. */
  plan(jobId: string, totalItems: number, done: boolean): Promise<void>;
  /**
   * Ends the job. True for exactly one caller. One that is `finishing` stays among the unfinished; so does one with a
   * webhook, until it is forgotten.
   */
  finish(jobId: string, event: FinishEvent): Promise<boolean>;
  /** Notes that a job that was stopped is wound up, and the files it has left. True for exactly one caller. */
  windUp(jobId: string, files: Job['files']): Promise<boolean>;
  /** Notes that a running job waits for an upstream that is down, or, with undefined, that it no longer does. */
  pause(jobId: string, paused: Paused | undefined): Promise<void>;
  /** Notes what holds a running job up, unless something is noted, or, with undefined, that nothing does. */
  noteTrouble(jobId: string, trouble: Trouble | undefined): Promise<void>;
  /** Ids of the jobs that are not finished, or whose end is still to be told; a job that is just being created may not exist yet. */
  unfinished(): AsyncIterable<string>;
  /** Strikes a job off the unfinished ones. */
  forget(jobId: string): Promise<void>;
}

/** Clients' idempotency keys. */
export interface KeyRecords {
  /** Stores the key unless it is taken; returns what is stored now. */
  reserveKey(key: JobKey): Promise<JobKey>;
  /** Makes the caller the creator in place of one that is gone. True for exactly one caller. */
  takeOverKey(key: JobKey, creatorGoneAt: number): Promise<boolean>;
}

/** What was learned of how long items take. */
export interface LearnedRecords {
  /** Nothing yet is `{}`. */
  learned(name: string): Promise<Learned>;
  saveLearned(name: string, learned: Learned): Promise<void>;
}

/**
 * The durable record of jobs. Reads see every write that was acknowledged before them. State grows with slices, not with
 * items.
 */
export interface Ledger extends SliceRecords, JobRecords, KeyRecords, LearnedRecords {}
