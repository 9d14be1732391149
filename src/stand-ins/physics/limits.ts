import { type Bucket, createBucket, type Limit } from './bucket.ts';
import type { Instant } from './time.ts';

/** Tokens that a call takes, by the name of the limit. */
export type Cost = Readonly<Record<string, number>>;

/** A call that was not let through. */
export interface Rejection {
  /** The limit that it met: of several, the one that is closed longest. */
  limit: string;
  account: string;
  /** Tokens that it wanted of it. */
  cost: number;
  /** Milliseconds of sandbox time until such a call would be let through; Infinity if never. */
  waitMs: number;
}

/** The limits of one API. Every account has buckets of its own, as with the real ones. */
export interface Limits {
  /** Takes from all buckets, or from none. */
  take(at: Instant, account: string, cost: Cost): Rejection | undefined;
  /** The bucket of an account; undefined where there is no such limit. */
  bucket(name: string, account: string): Bucket | undefined;
  /** Puts limits in place of the present ones; null lifts one. Changed buckets start full. */
  change(limits: Readonly<Record<string, Limit | null>>): void;
}

export function createLimits(initial: Readonly<Record<string, Limit | null>>, now: () => Instant): Limits {
  const limits = new Map(Object.entries(initial));
  const buckets = new Map<string, Map<string, Bucket>>();

  function bucket(name: string, account: string): Bucket | undefined {
    const limit = limits.get(name);
    if (limit === undefined || limit === null) return undefined;
    const accounts = buckets.get(name) ?? new Map<string, Bucket>();
    buckets.set(name, accounts);
    const existing = accounts.get(account);
    if (existing !== undefined) return existing;
    const created = createBucket(limit, now());
    accounts.set(account, created);
    return created;
  }

  return {
    bucket,
    take: (at, account, cost) => {
      const wanted = Object.entries(cost)
        .filter(([, tokens]) => tokens > 0)
        .map(([name, tokens]) => ({ name, tokens, bucket: bucket(name, account) }));
      let rejection: Rejection | undefined;
      for (const { name, tokens, bucket } of wanted) {
        const waitMs = bucket?.msUntil(at, tokens) ?? 0;
        if (waitMs > (rejection?.waitMs ?? 0)) rejection = { limit: name, account, cost: tokens, waitMs };
      }
      if (rejection !== undefined) return rejection;
      for (const { tokens, bucket } of wanted) bucket?.take(at, tokens);
      return undefined;
    },
    change: (changed) => {
      for (const [name, limit] of Object.entries(changed)) {
        limits.set(name, limit);
        buckets.delete(name);
      }
    },
  };
}
