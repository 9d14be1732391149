import type { Kept, SharedCache } from '../core/http/cache.ts';

/** {@link SharedCache} in memory. */
export function memorySharedCache(): SharedCache {
  const entries = new Map<string, { kept?: Kept; claimedUntil?: number }>();
  return {
    async get(key, now) {
      const kept = entries.get(key)?.kept;
      return kept && kept.freshUntil > now ? structuredClone(kept) : undefined;
    },

    async set(key, kept) {
      entries.set(key, { kept: structuredClone(kept) });
    },

    async claim(key, now, until) {
      const { kept, claimedUntil } = entries.get(key) ?? {};
      const isTaken = claimedUntil !== undefined && claimedUntil >= now;
      if (isTaken || (kept && kept.freshUntil > now)) return false;
      entries.set(key, { ...(kept && { kept }), claimedUntil: until });
      return true;
    },

    async release(key) {
      entries.delete(key);
    },
  };
}
