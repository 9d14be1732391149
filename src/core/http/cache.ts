import { LRUCache } from 'lru-cache';
import { type Clock, sleep } from '../engine/clock.ts';

/** Where all workers keep what one of them has fetched. A value must survive JSON. Times are epoch milliseconds. */
export interface SharedCache {
  /** Undefined where there is nothing, or nothing that is still fresh at `now`. */
  get(key: string, now: number): Promise<Kept | undefined>;
  /** Keeps the value and ends the claim. */
  set(key: string, kept: Kept): Promise<void>;
  /** Makes the caller the one that fetches the key, until `until`. True for one caller at a time, and not while it is fresh. */
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
  /** Another worker that fetches a key is waited for at most this long, in milliseconds: it may have died. */
  fetchMs: number;
}

export interface CacheOptions extends CacheLimits {
  clock: Clock;
  shared: SharedCache;
  onUnreachable(error: unknown): void;
}

export interface Cache {
  /**
   * The value of the key: from this process, from what others have fetched, or by `fetch`, which runs once for all who
   * ask at the same time, here and elsewhere. A failure is theirs together, and is not kept. When `signal` aborts, this
   * caller's waiting ends with its reason; `fetch` goes on, since others may wait for it.
   */
  get(key: string, signal: AbortSignal, fetch: () => Promise<unknown>): Promise<unknown>;
}

/** A look in so many is also an attempt to be the one that fetches: the one that does may have failed. */
const looksPerClaim = 3;
/** A worker looks whether another one has fetched the key after so many milliseconds, then ever later, up to the last. */
const firstLookMs = 100;
const lastLookMs = 2_000;
const lookGrowth = 1.5;

/** Memory first (lru-cache, which also joins those who ask at the same time), then the shared store, then the source. */
export function createCache({ size, ttlMs, fetchMs, clock, shared, onUnreachable }: CacheOptions): Cache {
  const orNothing = async <T>(asked: Promise<T>): Promise<T | undefined> => {
    try {
      return await asked;
    } catch (error) {
      onUnreachable(error);
      return undefined;
    }
  };

  /** What another worker has fetched; undefined when it is this one's to fetch. */
  const fromOthers = async (key: string): Promise<Kept | undefined> => {
    const giveUpAt = clock.now() + fetchMs;
    let lookMs = firstLookMs;
    for (let looks = 0; ; looks += 1) {
      const now = clock.now();
      const found = await orNothing(shared.get(key, now));
      if (found || now >= giveUpAt) return found;
      // A store that is out of reach keeps nobody from fetching.
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
        fetched.catch(() => {}); // Left alone by an abort, it may still fail.
        return (await Promise.race([fetched, aborted.promise]))?.value;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
