import { LRUCache } from 'lru-cache';
import { type Clock, sleep } from '../engine/clock.ts';

/** Shares fetched values among all workers. A value must survive JSON. Times are epoch milliseconds. */
export interface SharedCache {
  /** Undefined if there is no value that is still fresh at `now`. */
  get(key: string, now: number): Promise<Kept | undefined>;
  /** Keeps the value and ends the claim. */
  set(key: string, kept: Kept): Promise<void>;
  /**
   * Gives the caller the sole right to fetch the key until `until`. True for one caller at a time, and only
   * if no fresh value exists.
   */
  claim(key: string, now: number, until: number): Promise<boolean>;
  /** Ends the claim without a value. */
  release(key: string): Promise<void>;
}

export interface Kept {
  value: unknown;
  freshUntil: number;
}

/** How much is kept, and for how long. */
export interface CacheLimits {
  /** Values kept in this process. */
  size: number;
  /** How long a value is fresh, in milliseconds. */
  ttlMs: number;
  /** How long to wait for another worker that fetches a key, in milliseconds. It may have died. */
  fetchMs: number;
}

export interface CacheOptions extends CacheLimits {
  clock: Clock;
  shared: SharedCache;
  onUnreachable(error: unknown): void;
}

export interface Cache {
  /**
   * The key's value: from this process, from another worker's fetch, or from `fetch`, which runs once for
   * everyone who asks at the same time, in this process and elsewhere. All of them share a failure, and it is
   * not cached. When `signal` aborts, this caller stops waiting with its reason; `fetch` continues, since
   * others may be waiting for it.
   */
  get(key: string, signal: AbortSignal, fetch: () => Promise<unknown>): Promise<unknown>;
}

/** Every third look also tries to claim the fetch, because the worker that holds the claim may have failed. */
const looksPerClaim = 3;
/**
 * How long a worker waits before it first looks for another's value, in milliseconds. The pauses grow up to
 * the last.
 */
const firstLookMs = 100;
const lastLookMs = 2_000;
const lookGrowth = 1.5;

/**
 * Looks in memory first (lru-cache, which also joins concurrent callers), then in the shared store, then at
 * the source.
 */
export function createCache({ size, ttlMs, fetchMs, clock, shared, onUnreachable }: CacheOptions): Cache {
  const orNothing = async <T>(asked: Promise<T>): Promise<T | undefined> => {
    try {
      return await asked;
    } catch (error) {
      onUnreachable(error);
      return undefined;
    }
  };

  /** The value that another worker fetched; undefined if this worker has to fetch it. */
  const fromOthers = async (key: string): Promise<Kept | undefined> => {
    const giveUpAt = clock.now() + fetchMs;
    let lookMs = firstLookMs;
    for (let looks = 0; ; looks += 1) {
      const now = clock.now();
      const found = await orNothing(shared.get(key, now));
      if (found || now >= giveUpAt) return found;
      // An unreachable store must not prevent a fetch.
      const mayClaim = looks % looksPerClaim === 0;
      if (mayClaim && (await orNothing(shared.claim(key, now, now + fetchMs))) !== false) return undefined;
      await sleep(clock, lookMs);
      lookMs = Math.min(lastLookMs, lookMs * lookGrowth);
    }
  };

  const fetchOnce = async (key: string, fetch: () => Promise<unknown>): Promise<Kept> => {
    const found = await fromOthers(key);
    if (found) return found;
    try {
      const kept = { value: await fetch(), freshUntil: clock.now() + ttlMs };
      await orNothing(shared.set(key, kept));
      return kept;
    } catch (error) {
      await orNothing(shared.release(key));
      throw error;
    }
  };

  const memory = new LRUCache<string, Kept, () => Promise<unknown>>({
    max: size,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now: () => clock.now() },
    async fetchMethod(key, _, { context, options }) {
      const kept = await fetchOnce(key, context);
      options.ttl = Math.max(1, kept.freshUntil - clock.now());
      return kept;
    },
  });

  return {
    async get(key, signal, fetch) {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => aborted.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const fetched = memory.fetch(key, { context: fetch });
        fetched.catch(() => {}); // After an abort nobody awaits it, and it may still fail.
        return (await Promise.race([fetched, aborted.promise]))?.value;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
