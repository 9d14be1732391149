import type { SliceRef } from './slice.ts';

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
