import type { Learned } from '../../engine/learned.ts';
import type { Wait } from '../../engine/waiting.ts';
import type { Warning } from '../../formats/warning.ts';
import type { Job, JobKey, JobOutput, JobSource, JobState, Mark, Trouble } from './job.ts';
import type { Adjustment, FinishEvent, WindUpEvent } from './job-life.ts';
import type { Lease, Slice, SliceRef, Task } from './slice.ts';
import type { After, Change, Checkpoint } from './slice-life.ts';

/** Result of an attempt to claim a slice or a task. */
export type Claim =
  | { kind: 'slice'; slice: Slice; lease: Lease }
  | { kind: 'task'; task: Task; lease: Lease }
  /** Another worker holds it. */
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
 * Slices and tasks. `slice-life.ts` defines their life: each method that is named after a transition makes it
 * atomically, or says why not.
 */
export interface SliceRecords {
  slice(ref: SliceRef): Promise<Slice | undefined>;
  /** A root slice with all that came out of it, in the order of their ids. */
  family(jobId: string, rootId: string): Promise<Slice[]>;
  /** Adds slices and tasks to a job, unless they exist. */
  add(work: readonly (Slice | Task)[]): Promise<void>;
  claim(ref: SliceRef, times: LeaseTimes): Promise<Claim>;
  renew(lease: Lease, leaseUntil: number): Promise<Change<Slice | Task>>;
  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Change<Slice>>;
  /** Puts it back into the queue, for delivery at `queuedAt` (epoch milliseconds). */
  release(lease: Lease, queuedAt: number, after: After): Promise<Change<Slice | Task>>;
  /** Adds the parts unless they exist, then closes the slice. */
  split(lease: Lease, parts: readonly Slice[]): Promise<Change<Slice>>;
  /** Stores a task's progress, if there is a note, and extends its lease; `done` closes it. */
  note(lease: Lease, note: unknown, leaseUntil: number, done: boolean): Promise<Change<Task>>;
  /** Succeeds for exactly one caller. */
  expire(ref: SliceRef, now: number): Promise<Change<Slice | Task>>;
  drop(ref: SliceRef): Promise<Change<Slice>>;
  resend(ref: SliceRef): Promise<Change<Slice | Task>>;
}

/** Jobs. `job-life.ts` defines their life. */
export interface JobRecords {
  /** Writes the slices and tasks, then the job. Once its record exists, the job is accepted. */
  create(job: Job, work: readonly (Slice | Task)[]): Promise<void>;
  job(jobId: string): Promise<Job | undefined>;
  /** Leaves out slices of a round that never began. */
  state(jobId: string): Promise<JobState | undefined>;
  /** A tenant's jobs that were created before the job `before`, the newest first. */
  jobsOf(tenant: string, limit: number, before?: string): Promise<Job[]>;
  /**
   * Adds a closed slice's counts to its job exactly once, however often it is called; `first`: this call added them.
   * Throws `JOB_NOT_FOUND`.
   */
  settle(slice: Slice): Promise<{ job: Job; first: boolean }>;
  mark(jobId: string, marks: readonly Mark[]): Promise<void>;
  /** Tells workers that the job was stopped. Cheap to poll, unlike the job's record, which grows with its slices. */
  stop(jobId: string, round: number, now: number): Promise<void>;
  /** Whether the job was stopped in this round. */
  isStopped(jobId: string, round: number): Promise<boolean>;
  /** Begins a new round, for a session or for all. True if this call began it. */
  reopen(jobId: string, round: number, now: number, session?: string): Promise<boolean>;
  /** A sign of life of the session that runs the job. */
  attend(jobId: string, session: string, now: number): Promise<void>;
  /** A running job waits for its user from now on. False if it does not run. */
  hold(jobId: string, now: number): Promise<boolean>;
  /** A running job goes on, for a session or for all. False if it does not run. */
  resume(jobId: string, now: number, session: string | undefined, adjustment: Adjustment): Promise<boolean>;
  /** Goes on with more of a job's file than was wanted before. True for exactly one caller. */
  extend(jobId: string, now: number, session: string | undefined, source: JobSource): Promise<boolean>;
  /** Marks an ended job as `finishing`, so that its files are written again. True for exactly one caller. */
  rewrite(jobId: string, output: JobOutput): Promise<boolean>;
  /**
   * Records the items found in the job's file so far; `done`: that is all of them. `warnings` take the place of those
   * that the job has.
   */
  plan(jobId: string, totalItems: number, done: boolean, warnings?: readonly Warning[]): Promise<void>;
  /**
   * Ends the job. True for exactly one caller. A job that is `finishing` or has a webhook stays among the unfinished
   * until it is forgotten.
   */
  finish(jobId: string, event: FinishEvent): Promise<boolean>;
  /** Records that a stopped job is wound up, and what it left. True for exactly one caller. */
  windUp(jobId: string, event: WindUpEvent): Promise<boolean>;
  /** Records what a running job waits for, or, with undefined, that it no longer waits. */
  waitFor(jobId: string, wait: Wait | undefined): Promise<void>;
  /** Records what holds up a running job, or, with undefined, that nothing does. */
  noteTrouble(jobId: string, trouble: Trouble | undefined): Promise<void>;
  /** Ids of jobs that have not ended, or whose notice is not sent. A job that is being created may not exist yet. */
  unfinished(): AsyncIterable<string>;
  /** Removes a job from the unfinished ones. */
  forget(jobId: string): Promise<void>;
}

/** Clients' idempotency keys. */
export interface KeyRecords {
  /** Stores the key unless it is taken; returns what is stored now. */
  reserveKey(key: JobKey): Promise<JobKey>;
  /** Makes the caller the creator in place of one that is gone. True for exactly one caller. */
  takeOverKey(key: JobKey, creatorGoneAt: number): Promise<boolean>;
}

/** Statistics of how long items take. */
export interface LearnedRecords {
  /** `{}` if nothing has been learned yet. */
  learned(name: string): Promise<Learned>;
  saveLearned(name: string, learned: Learned): Promise<void>;
}

/** The durable record of jobs. Reads see every write acknowledged before them. It grows with slices, not with items. */
export interface Ledger extends SliceRecords, JobRecords, KeyRecords, LearnedRecords {}
