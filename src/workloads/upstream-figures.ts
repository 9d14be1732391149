import type { Figures } from '../core/forecast/figures.ts';
import type { RateDefinition } from '../core/limits/rule.ts';

type Upstream = NonNullable<Figures['upstreams']>[number];

/**
 * Bytes sent with each request besides its body, and received with each answer: request line or status, headers.
 * Assumed.
 */
export const headerBytes = 400;

/**
 * A client's rates in a forecast's terms, by the units they count. `units`: how many units of each a request takes,
 * if not one.
 */
export function ratesOf(
  rates: Readonly<Record<string, RateDefinition>>,
  units: Readonly<Record<string, number>> = {},
): NonNullable<Upstream['rates']> {
  return Object.entries(rates).map(([counts, rate]) => ({
    ...rate,
    counts,
    unitsPerCall: units[counts] ?? 1,
  }));
}
