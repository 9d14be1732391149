import type { SliceRef } from './slice.ts';

/** A structured log: one line per call. `fields` must be JSON, and none may be named `message`. */
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

/** The smallest part that S3 accepts, except for the last. Source: Amazon S3 multipart upload limits. */
export const leastPartBytes = 5 * 2 ** 20;

/** An object as a listing shows it. */
export interface BlobEntry {
  key: string;
  bytes: number;
}

/** Objects by key. */
export interface Blobs {
  put(key: string, body: Uint8Array | string, contentType: string, signal?: AbortSignal): Promise<void>;
  /** Undefined if there is no such object. Throws `OBJECT_TOO_LARGE` if it has more than `maxBytes`. */
  get(key: string, options?: { maxBytes?: number; signal?: AbortSignal }): Promise<Buffer | undefined>;
  /** The object's size in bytes; undefined if there is no such object. */
  size(key: string, signal?: AbortSignal): Promise<number | undefined>;
  /** Streams the object's bytes from offset `from`; undefined if there is no such object. */
  read(key: string, from?: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** The objects whose keys begin with `prefix`, in the order of their keys. */
  list(prefix: string): AsyncIterable<BlobEntry>;
  /** Streams an object of unknown size to the store, in parts. It appears when it is complete, or not at all. */
  write(key: string, chunks: AsyncIterable<Uint8Array>, contentType: string): Promise<void>;
  /** Begins an object whose parts any number of invocations write. Resolves to the upload's id. */
  beginParts(key: string, contentType: string): Promise<string>;
  /** Adds a part after those with `tags`; at least {@link leastPartBytes}, except the last. Resolves to its tag. */
  putPart(key: string, upload: string, tags: readonly string[], body: Uint8Array): Promise<string>;
  /** Joins the parts with these tags into the object. Repeating it changes nothing. */
  endParts(key: string, upload: string, tags: readonly string[]): Promise<void>;
  /** Deletes objects; a key that does not exist is no error. */
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
  /** The approximate number of messages that no worker has received yet; delayed ones do not count. */
  waiting(): Promise<number>;
}

/** Tells the receiver of a webhook that a job has ended. */
export interface Notice {
  /** The same for every try; different for every end. */
  id: string;
  tenant: string;
  url: string;
  /** JSON. */
  body: string;
  /** When it is sent. Epoch milliseconds. */
  at: number;
}

/** The receiver's HTTP status, or why there is none; `final`: a retry cannot help. */
export type Reception = { status: number } | { error: string; final: boolean };

/** Sends notices to webhooks. */
export interface Notifier {
  /** Throws for an address that is never called, as far as the URL alone shows. */
  check(url: string): void;
  /** One try. Does not throw. */
  send(notice: Notice): Promise<Reception>;
}
