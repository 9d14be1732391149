import type { Plan, VendorPrice } from './input.ts';
import type { Scale } from './scale.ts';

/** One line of what vendors charge for a run. */
export interface VendorLine {
  vendor: string;
  what: string;
  quantity: number;
  unit: string;
  usd: number;
  price: VendorPrice;
}

/** What the upstreams of a run charge, apart from AWS. */
export interface VendorCost {
  lines: VendorLine[];
  /** Upstreams whose price nobody has given. */
  unknown: string[];
  /** The sum of the lines. */
  usd: number;
}

/** A subscription is paid for each of these that a run touches. */
const monthMs = 30 * 86_400_000;

export function vendorCost(
  { upstreams, items }: Plan,
  { durationMs }: Pick<Scale, 'durationMs'>,
): VendorCost {
  const lines = upstreams.flatMap(({ name, prices = [] }) =>
    prices.map((price): VendorLine => {
      const { what, usd, per, unitsPerItem } = price;
      const quantity =
        unitsPerItem === undefined ? Math.max(1, Math.ceil(durationMs / monthMs)) : items * unitsPerItem;
      return { vendor: name, what, quantity, unit: per, usd: quantity * usd, price };
    }),
  );
  return {
    lines,
    unknown: upstreams.flatMap(({ name, prices }) => (prices === undefined ? [name] : [])),
    usd: lines.reduce((sum, { usd }) => sum + usd, 0),
  };
}
