/**
 * How long a unit of work takes: a histogram with logarithmic buckets. It answers any quantile within 10% of its true
 * value, at a small, constant size. An immutable value; survives JSON; two can be added. After DDSketch (Masson, Rim,
 * Lee: "DDSketch", VLDB 2019), whose relative-error guarantee holds for the heavy-tailed durations that means and
 * variances describe badly.
 */
export interface Durations {
  /** Observations per bucket; bucket i holds durations in (γ^(i−1), γ^i] milliseconds. Fractional after ageing. */
  readonly buckets: Readonly<Record<number, number>>;
}

export const noDurations: Durations = { buckets: {} };

const relativeError = 0.1;
const gamma = (1 + relativeError) / (1 - relativeError);
const logGamma = Math.log(gamma);
/** A bucket with less weight than this is dropped. */
const forgotten = 0.05;

/** Adds one observation of `ms` milliseconds; less than a millisecond counts as one. */
export function observe(durations: Durations, ms: number): Durations {
  const bucket = Math.ceil(Math.log(Math.max(1, ms)) / logGamma);
  return { buckets: { ...durations.buckets, [bucket]: (durations.buckets[bucket] ?? 0) + 1 } };
}

export function add(a: Durations, b: Durations): Durations {
  const buckets: Record<number, number> = { ...a.buckets };
  for (const [bucket, count] of Object.entries(b.buckets)) {
    buckets[Number(bucket)] = (buckets[Number(bucket)] ?? 0) + count;
  }
  return { buckets };
}

/** Shrinks the weight of all observations to at most `most`, so that new ones count. */
export function age(durations: Durations, most: number): Durations {
  const total = count(durations);
  if (total <= most) return durations;
  const kept = Object.entries(durations.buckets)
    .map(([bucket, n]) => [bucket, (n * most) / total] as const)
    .filter(([, n]) => n >= forgotten);
  return { buckets: Object.fromEntries(kept) };
}

/** Weight of all observations. */
export function count(durations: Durations): number {
  return Object.values(durations.buckets).reduce((sum, n) => sum + n, 0);
}

/** The milliseconds that a share `q` (0–1) of the observations does not exceed; undefined if there are none. */
export function quantile(durations: Durations, q: number): number | undefined {
  let rank = q * count(durations);
  let value: number | undefined;
  // Integer keys come in ascending order, regardless of insertion order.
  for (const [bucket, n] of Object.entries(durations.buckets)) {
    value = (2 * gamma ** Number(bucket)) / (gamma + 1);
    rank -= n;
    if (rank <= 1e-9) break;
  }
  return value;
}
