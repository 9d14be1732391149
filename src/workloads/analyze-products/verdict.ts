import type { Facts } from './facts.ts';
import type { Figures } from './figures.ts';
import { fromMinor, toMinor } from './money.ts';
import type { Thresholds } from './schema.ts';

/**
 * `buy`: reaches all thresholds, and nothing speaks against it. `review`: earns enough, but something needs a look.
 * `skip`: does not earn enough. `insufficient data`: a figure that the verdict needs is missing.
 */
export type Verdict = 'buy' | 'review' | 'skip' | 'insufficient data';

/** The figures behind a verdict. Money in minor units. */
export interface Evidence {
  facts: Facts;
  price: number | undefined;
  fees: number | undefined;
  figures: Figures | undefined;
  /** Freight is counted by weight. */
  weighs: boolean;
  /** Kilograms, the row's or the catalog's. */
  weightKg: number | undefined;
  currency: string;
}

/** A verdict and its reasons, the weightiest first; for `buy`, what speaks for it. */
export function judge(evidence: Evidence, thresholds: Thresholds): { verdict: Verdict; reasons: string[] } {
  const missing = missingOf(evidence);
  const { figures } = evidence;
  if (missing.length > 0 || !figures) return { verdict: 'insufficient data', reasons: missing };
  const poor = poorReturns(figures, evidence.currency, thresholds);
  if (poor.length > 0) return { verdict: 'skip', reasons: poor };
  const doubts = doubtsOf(evidence, thresholds);
  if (doubts.length > 0) return { verdict: 'review', reasons: doubts };
  const { roiPercent, marginPercent } = figures;
  const returns = roiPercent === undefined ? '' : `ROI ${roiPercent}%, `;
  return {
    verdict: 'buy',
    reasons: [
      `${returns}margin ${marginPercent}%, about ${evidence.facts.salesPerMonth} sales a month or more`,
    ],
  };
}

function missingOf({ facts, price, fees, weighs, weightKg }: Evidence): string[] {
  const told = [
    price === undefined && 'no price: nobody has the buy box',
    price !== undefined && fees === undefined && 'no fees: Amazon gives no estimate',
    weighs && weightKg === undefined && 'no weight, by which freight is counted',
    !facts.history && 'no history: Keepa does not know it',
    facts.history && facts.salesPerMonth === undefined && 'no sales estimate: Keepa has no sales rank',
  ];
  return told.filter((reason) => reason !== false);
}

function poorReturns(figures: Figures, currency: string, thresholds: Thresholds): string[] {
  const { profit, marginPercent, roiPercent } = figures;
  const least = toMinor(thresholds.profit, currency);
  const money = (minor: number) => `${fromMinor(minor, currency)} ${currency}`;
  const told = [
    // Without a cost there is no ROI, and any profit is enough.
    roiPercent !== undefined &&
      roiPercent < thresholds.roiPercent &&
      `ROI ${roiPercent}% is under ${thresholds.roiPercent}%`,
    (marginPercent ?? Number.NEGATIVE_INFINITY) < thresholds.marginPercent &&
      `margin ${marginPercent ?? 'none'}${marginPercent === undefined ? '' : '%'} is under ${thresholds.marginPercent}%`,
    profit < least && `profit ${money(profit)} is under ${money(least)}`,
  ];
  return told.filter((reason) => reason !== false);
}

function doubtsOf({ facts, price = 0 }: Evidence, thresholds: Thresholds): string[] {
  const { amazonSells, meanPrice, salesPerMonth = 0 } = facts;
  const over = meanPrice ? Math.round((100 * (price - meanPrice)) / meanPrice) : 0;
  const told = [
    salesPerMonth < thresholds.salesPerMonth &&
      `about ${salesPerMonth} sales a month, under ${thresholds.salesPerMonth}`,
    over > thresholds.pricePercentOverMean && `the price is ${over}% over its mean of 90 days`,
    amazonSells === true && 'Amazon sells it too',
  ];
  return told.filter((reason) => reason !== false);
}
