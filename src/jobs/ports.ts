import type { Learned } from './expectation.ts';
import type {
  ErrorCodes,
  Job,
  JobKey,
  JobState,
  JobStatus,
  Lease,
  Mark,
  Paused,
  Slice,
  SliceRef,
  Trouble,
} from './job.ts';

/** A structured log: one line per call. `fields` must be JSON, and none may be called `message`. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Counters of the running service. Units follow CloudWatch. */
export interface Metrics {
  count(name: string, value: number): void;
  milliseconds(name: string, value: number): void;
  percent(name: string, value: number): void;
}

/** S3 takes no smaller part, but for the last. Source: Amazon S3 multipart upload limits. */
export const leastPartBytes = 5 * 2 ** 20;

/** An object as a listing shows it. */
export interface BlobEntry {
  key: string;
  bytes: number;
}

/** Objects by key. */
export interface Blobs {
  put(key: string, body: Uint8Array | string, contentType: string, signal?: AbortSignal): Promise<void>;
  /** Undefined where there is no such object. Throws `OBJECT_TOO_LARGE` when it has more than `maxBytes`. */
  get(key: string, options?: { maxBytes?: number; signal?: AbortSignal }): Promise<Buffer | undefined>;
  /** The object's bytes, counted; undefined where there is no such object. */
  size(key: string, signal?: AbortSignal): Promise<number | undefined>;
  /** The object's bytes from `from` on, as they come; undefined where there is no such object. */
  read(key: string, from?: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** The objects whose keys begin with `prefix`, in the order of their keys. */
  list(prefix: string): AsyncIterable<BlobEntry>;
  /** Writes an object of unknown size as it comes, in parts. It is there when all of it is, or not at all. */
  write(key: string, chunks: AsyncIterable<Uint8Array>, contentType: string): Promise<void>;
  /** Begins an object that is written in parts, by as many invocations as it takes. Resolves to the upload's id. */
  beginParts(key: string, contentType: string): Promise<string>;
  /** Adds the part behind those with these tags; of at least {@link leastPartBytes}, except the last. Resolves to its tag. */
  putPart(key: string, upload: string, tags: readonly string[], body: Uint8Array): Promise<string>;
  /** Makes the parts with these tags the object. Once that is done, doing it again changes nothing. */
  endParts(key: string, upload: string, tags: readonly string[]): Promise<void>;
  /** Deletes what exists; a key that does not exist is no error. */
  delete(keys: readonly string[]): Promise<void>;
  /** A link that lets its holder read the object for a while. */
  readUrl(key: string): Promise<string>;
  /** A link that lets its holder write the object once, within `expiresSeconds`. */
  writeUrl(
    key: string,
    options: { contentType: string; bytes: number; expiresSeconds: number },
  ): Promise<string>;
}

/** Hand-over of slices to other workers: a message is a pointer, nothing more. At least once, in any order. */
export interface Queue {
  /**
   * Sends in batches; throws when any message was not accepted. `tenant` keeps the queue fair; `delaySeconds`
   * (0–900) holds the messages back.
   */
  send(messages: readonly SliceRef[], tenant: string, delaySeconds?: number): Promise<void>;
  /** About how many messages nobody has received yet. Those that are held back do not count. */
  waiting(): Promise<number>;
}

/** That a job has ended, for the one who wants to know. */
export interface Notice {
  /** The same for every try, and another for every end. */
  id: string;
  tenant: string;
  url: string;
  /** JSON. */
  body: string;
  /** When it is sent. Epoch milliseconds. */
  at: number;
}

/** The receiver's HTTP status, or why there is none; `final`: nor will there be one. */
export type Reception = { status: number } | { error: string; final: boolean };

/** Tells others of the ends of jobs. */
export interface Notifier {
  /** Throws for an address that is never called, as far as that shows without asking anybody. */
  check(url: string): void;
  /** One try. Does not throw. */
  send(notice: Notice): Promise<Reception>;
}

/** Epoch milliseconds. */
export interface LeaseTimes {
  now: number;
  leaseUntil: number;
}

/** What became of an attempt to take a slice. */
export type Claim =
  | { kind: 'claimed'; slice: Slice; lease: Lease }
  /** Somebody else works on it. */
  | { kind: 'busy' }
  /** It is done or split: nothing is left to do in it. */
  | { kind: 'closed'; slice: Slice }
  | { kind: 'missing' };

/** What a checkpoint adds to a slice. */
export interface Checkpoint {
  /** Name of the object that holds the new outcomes. A part that the slice has already changes nothing. */
  part: string;
  succeeded: number;
  failed: number;
  /** All of the slice's failures so far. */
  codes: ErrorCodes;
  leaseUntil: number;
  /** Every item of the slice has its outcome now. */
  done: boolean;
}

/**
 * The durable record of jobs and slices. Reads see every write that was acknowledged before them. Whatever is given a
 * lease throws `LeaseLost`, and changes nothing, when a newer claim exists. State grows with slices, not with items.
 */
export interface Ledger {
  /** Stores the key unless it is taken; returns what is stored now. */
  reserveKey(key: JobKey): Promise<JobKey>;
  /** Makes the caller the creator in place of one that is gone. True for exactly one caller. */
  takeOverKey(key: JobKey, creatorGoneAt: number): Promise<boolean>;
  /** Writes the slices, then the job, whose existence makes it accepted. */
  create(job: Job, slices: readonly Slice[]): Promise<void>;
  job(jobId: string): Promise<Job | undefined>;
  /** Leaves out slices of a round that never began. */
  state(jobId: string): Promise<JobState | undefined>;
  slice(ref: SliceRef): Promise<Slice | undefined>;
  /** A slice of the job's own with all that came out of it, in the order of their ids. */
  family(jobId: string, rootId: string): Promise<Slice[]>;
  /** Takes the slice if it is queued, or if its holder let the lease run out. */
  claim(ref: SliceRef, times: LeaseTimes): Promise<Claim>;
  renew(lease: Lease, leaseUntil: number): Promise<void>;
  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Slice>;
  /** Gives the slice back: it is queued again, after a hop or a wait. */
  release(lease: Lease, queuedAt: number, after: 'hops' | 'waits'): Promise<void>;
  /** Adds the parts (unless they exist), then closes the slice. */
  split(lease: Lease, parts: readonly Slice[]): Promise<void>;
  /** Queues a slice whose holder let the lease run out. True for exactly one caller. */
  expire(ref: SliceRef, now: number): Promise<boolean>;
  /** Closes a slice that is queued: what is left of it is done by others. True when it is closed. */
  drop(ref: SliceRef): Promise<boolean>;
  /** Notes that a queued slice's message has been sent once more. */
  resent(ref: SliceRef): Promise<void>;
  /** Adds a closed slice's counts to its job, once, however often it is called; `first`: by this call. */
  settle(slice: Slice): Promise<{ job: Job; first: boolean }>;
  /** Replaces a job's marks by later ones. */
  mark(jobId: string, marks: readonly Mark[]): Promise<void>;
  /** Tells workers that a job has been ended from outside. Cheap to ask, unlike the job, which grows with its slices. */
  stop(jobId: string, round: number, now: number): Promise<void>;
  /** Whether the job was stopped in this round. */
  isStopped(jobId: string, round: number): Promise<boolean>;
  /**
   * Opens an ended job again, for a round that nobody has begun: what had failed counts as not done. False when it is
   * running or winds up, or when the round was begun.
   */
  reopen(jobId: string, round: number, now: number): Promise<boolean>;
  /** A tenant's jobs, the latest first, made before the job `before`. */
  jobsOf(tenant: string, limit: number, before?: string): Promise<Job[]>;
  /** Adds slices to a job, unless they exist. */
  addSlices(slices: readonly Slice[]): Promise<void>;
  /** Notes how far a task has got; `done` closes it. */
  note(lease: Lease, note: unknown, leaseUntil: number, done: boolean): Promise<void>;
  /** How many items a file has so far; `done`: in all. */
  planned(jobId: string, totalItems: number, done: boolean): Promise<void>;
  /**
   * Ends the job. True for exactly one caller. One that is `finishing` stays among the unfinished; so does one with a
   * webhook, until it is forgotten.
   */
  finish(
    jobId: string,
    status: JobStatus,
    finishedAt: number,
    more?: Pick<Job, 'files' | 'error' | 'finishing'>,
  ): Promise<boolean>;
  /** Notes that a job that was stopped is wound up, and the files it has left. True for exactly one caller. */
  woundUp(jobId: string, files: Job['files']): Promise<boolean>;
  /** Notes that a running job waits for an upstream that is down, or, with undefined, that it no longer does. */
  pause(jobId: string, paused: Paused | undefined): Promise<void>;
  /** Notes what holds a running job up, unless something is noted, or, with undefined, that nothing does. */
  noteTrouble(jobId: string, trouble: Trouble | undefined): Promise<void>;
  /** Ids of the jobs that are not finished, or whose end is still to be told; a job that is just being created may not exist yet. */
  unfinished(): AsyncIterable<string>;
  /** Strikes a job off the unfinished ones. */
  forget(jobId: string): Promise<void>;
  /** What was learned under a name; nothing yet is `{}`. */
  learned(name: string): Promise<Learned>;
  saveLearned(name: string, learned: Learned): Promise<void>;
}
