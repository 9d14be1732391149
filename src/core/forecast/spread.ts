import type { Plan } from './input.ts';

/** Standard normal quantiles, for the known points of a distribution. */
const z90 = 1.2815515655;
const z95 = 1.644853627;
const z99 = 2.326347874;

/**
 * Durations as a lognormal distribution, which latencies resemble: the median and sigma, fitted to any given
 * quantiles (least squares on the logarithms, through the median).
 */
export interface Spread {
  medianMs: number;
  sigma: number;
  /** Above the median if there is any spread: long durations weigh more. */
  meanMs: number;
}

/** The default spread: p90 is 1.5 times the median. */
const usualSigma = 0.3;

export function spreadOf({ typical, sigma, p90, p95, p99 }: Plan['itemMs']): Spread {
  const known = [
    { z: z90, ms: p90 },
    { z: z95, ms: p95 },
    { z: z99, ms: p99 },
  ].filter((one): one is { z: number; ms: number } => one.ms !== undefined);
  const squares = known.reduce((sum, { z }) => sum + z * z, 0);
  const fitted = known.reduce((sum, { z, ms }) => sum + z * Math.log(ms / typical), 0) / squares;
  const chosen = sigma ?? (known.length > 0 ? fitted : usualSigma);
  return { medianMs: typical, sigma: chosen, meanMs: typical * Math.exp(chosen ** 2 / 2) };
}

/**
 * `count` durations in milliseconds that represent the distribution: one from each of `count` equally likely
 * intervals, in an order that looks random but is always the same. Their mean is the distribution's.
 */
export function sampleOf({ medianMs, sigma, meanMs }: Spread, count: number): number[] {
  const values = Array.from(
    { length: count },
    (_, at) => medianMs * Math.exp(sigma * probit((at + 0.5) / count)),
  );
  const scale = (meanMs * count) / values.reduce((sum, ms) => sum + ms, 0);
  return shuffled(values.map((ms) => ms * scale));
}

/** Fisher and Yates with a linear congruential generator (Numerical Recipes): the same order for the same length. */
function shuffled(values: number[]): number[] {
  let state = 1;
  for (let at = values.length - 1; at > 0; at -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (at + 1));
    [values[at], values[other]] = [values[other] ?? 0, values[at] ?? 0];
  }
  return values;
}

/** The standard normal quantile, within 0.00045 (Abramowitz and Stegun, 26.2.23). */
function probit(p: number): number {
  if (p > 0.5) return -probit(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  const upper = 2.515517 + t * (0.802853 + t * 0.010328);
  return upper / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
}
