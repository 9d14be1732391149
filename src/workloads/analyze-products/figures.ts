/**
 * What a unit earns. All money in minor units of one currency, rounded once where it arises, so that
 * price = vat + fees + landed cost + profit holds exactly.
 */
export interface Figures {
  /** Included in the price and owed. */
  vat: number;
  profit: number;
  /** Profit as a share of the price without VAT, in percent; undefined if that is 0. */
  marginPercent: number | undefined;
  /** Profit as a share of the landed cost, in percent; undefined if that is 0. */
  roiPercent: number | undefined;
}

/** What a unit costs by the time it reaches the place it is sold from; money in minor units. */
export interface Costs {
  cost: number;
  shipping: number;
  /** Freight per kilogram, and the kilograms. */
  freightPerKg: number;
  weightKg: number;
  prepCost: number;
  dutyPercent: number;
}

/** Cost + shipping + freight by weight + duty on the cost + preparation. */
export function landedCost({ cost, shipping, freightPerKg, weightKg, prepCost, dutyPercent }: Costs): number {
  const freight = Math.round(freightPerKg * weightKg);
  const duty = Math.round((cost * dutyPercent) / 100);
  return cost + shipping + freight + duty + prepCost;
}

/** A unit's price and the deductions from it. */
export interface Sale {
  price: number;
  fees: number;
  landed: number;
  vatPercent: number;
}

export function figuresOf({ price, fees, landed, vatPercent }: Sale): Figures {
  const vat = Math.round((price * vatPercent) / (100 + vatPercent));
  const profit = price - vat - fees - landed;
  return {
    vat,
    profit,
    marginPercent: percentOf(profit, price - vat),
    roiPercent: percentOf(profit, landed),
  };
}

/** With one decimal. */
export function percentOf(part: number, whole: number): number | undefined {
  // Adding 0 turns -0 into 0.
  return whole === 0 ? undefined : Math.round((1_000 * part) / whole) / 10 + 0;
}
