/** Draws from a seeded generator. */
export interface Draw {
  between(low: number, high: number): number;
  /** Every order of magnitude is as likely as any other. */
  scaled(low: number, high: number): number;
  chance(share: number): boolean;
  oneOf<T>(values: readonly [T, ...T[]]): T;
  normal(): number;
}

export function drawsFrom(random: () => number): Draw {
  const between = (low: number, high: number) => low + random() * (high - low);
  return {
    between,
    scaled: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    chance: (share) => random() < share,
    oneOf: (values) => values[Math.floor(random() * values.length)] ?? values[0],
    normal: () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  };
}

/** Draws a duration relative to the mean of its distribution, which is 1 (a little less where a cap cuts the tail). */
export type Spread = (draw: Draw) => number;

export function logNormal(sigma: number): Spread {
  return (draw) => Math.exp(sigma * draw.normal() - sigma ** 2 / 2);
}

/** Capped at a hundred times the least. */
export function pareto(alpha: number): Spread {
  return (draw) => ((alpha - 1) / alpha) * Math.min(100, (1 - draw.between(0, 1)) ** (-1 / alpha));
}

/** A share `slow` of the items takes `times` as long as the others. */
export function bimodal(slow: number, times: number): Spread {
  const fast = 1 / (1 - slow + slow * times);
  return (draw) => (draw.chance(slow) ? times : 1) * fast * draw.between(0.8, 1.2);
}
