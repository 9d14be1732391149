import type { Clock } from '../engine/clock.ts';
import { SpillwayError } from '../engine/errors.ts';
import { httpErrors } from './http-errors.ts';

/** One key's answer from a batch. */
export type Found<Value> = { value: Value } | { error: unknown };

/** A call's remaining budget ends at `stopAt` (epoch milliseconds). */
export interface Budgeted {
  signal: AbortSignal;
  stopAt: number;
}

export interface CoalesceOptions<Key, Value> {
  /** Maximum look-ups per call. */
  size: number;
  /** How long a look-up waits for others, at most, in milliseconds. */
  maxWaitMs: number;
  clock: Clock;
  /**
   * Answers all keys in one call, with a result for each in the same order. If it throws, every key gets that
   * error. The signal aborts when nobody waits for any of the keys; `stopAt` is the latest of the callers'.
   */
  load(keys: readonly Key[], turn: Budgeted): Promise<readonly Found<Value>[]>;
}

/** Combines single look-ups that different items make at the same time into calls of a batch endpoint. */
export interface Coalescer<Key, Value> {
  /** The key's own answer or error; throws the signal's reason when it aborts. Does not affect other look-ups. */
  get(key: Key, budget: Budgeted): Promise<Value>;
}

/** Look-ups that go out together. */
interface Batch<Key, Value> {
  keys: Key[];
  found: Promise<readonly Found<Value>[]>;
  waiting: number;
  stopAt: number;
  send(): void;
  /** Aborts the call if it is running; every look-up in it has been given up. */
  abandon(): void;
}

/**
 * Sends a batch when it is full, or when its first look-up has waited long enough. We do not use the
 * dataloader library: it sends no full batch early and cannot handle a caller that gives up.
 *
 * Throws `COALESCER_INVALID`, naming the value.
 */
export function createCoalescer<Key, Value>(options: CoalesceOptions<Key, Value>): Coalescer<Key, Value> {
  const { size, maxWaitMs, clock, load } = options;
  if (!Number.isInteger(size) || size < 1)
    throw invalid(`size must be a whole number of at least 1, but was ${size}`);
  if (!(maxWaitMs >= 0)) throw invalid(`maxWaitMs must be 0 or more, but was ${maxWaitMs}`);
  let gathering: Batch<Key, Value> | undefined;

  const begin = (): Batch<Key, Value> => {
    const abandoned = new AbortController();
    const sent = Promise.withResolvers<void>();
    const batch: Batch<Key, Value> = {
      keys: [],
      waiting: 0,
      stopAt: 0,
      found: sent.promise.then(() => load(batch.keys, { signal: abandoned.signal, stopAt: batch.stopAt })),
      send() {
        cancelTimer();
        if (gathering === batch) gathering = undefined;
        sent.resolve();
      },
      abandon() {
        cancelTimer();
        if (gathering === batch) gathering = undefined;
        abandoned.abort(new Error('Nobody waits for the answer any more'));
      },
    };
    // Each look-up handles a failure itself; if none is left, the failure concerns nobody.
    batch.found.catch(() => {});
    const cancelTimer = clock.after(maxWaitMs, batch.send);
    return batch;
  };

  return {
    async get(key, { signal, stopAt }) {
      signal.throwIfAborted();
      gathering ??= begin();
      const batch = gathering;
      const place = batch.keys.push(key) - 1;
      batch.waiting += 1;
      batch.stopAt = Math.max(batch.stopAt, stopAt);
      if (batch.keys.length === size) batch.send();
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => {
        batch.waiting -= 1;
        if (batch.waiting === 0) batch.abandon();
        aborted.reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const found = (await Promise.race([batch.found, aborted.promise]))[place];
        if (!found)
          throw new SpillwayError(httpErrors.ANSWER_MISSING, 'The batch has no answer for this key');
        if ('error' in found) throw found.error;
        return found.value;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

function invalid(message: string): SpillwayError {
  return new SpillwayError(httpErrors.COALESCER_INVALID, message);
}
