import type { Outcome } from '../../core/jobs/model/job.ts';
import type { Summary } from '../../core/jobs/workload.ts';
import type { Analysis } from './analysis.ts';
import type { Verdict } from './verdict.ts';

/** Best products listed, for each currency. */
const named = 10;
/** ROI in percent: each class ends where the next begins. */
const roiClasses = [0, 15, 30, 50, 100];

/** A product worth buying and what it may earn in a month: profit × sales. */
interface Best {
  asin: string;
  title: string | null;
  profit: number;
  roi_percent: number | null;
  sales_month: number;
  profit_month: number;
}

/** The result of an analyze-products job: `summary.json`. */
export interface ProductsSummary {
  products: number;
  succeeded: number;
  failed: number;
  verdicts: Record<Verdict, number>;
  /** Products with figures, by ROI. */
  roiPercent: Record<string, number>;
  /** The best products to buy, by monthly profit; money in different currencies is not compared. */
  top: { currency: string; products: Best[] }[];
  /** Failures by reason, the most frequent first, with one example each. */
  failures: { code: string; items: number; example: string }[];
}

export function summarise(): Summary<Analysis> {
  let products = 0;
  const verdicts: Record<Verdict, number> = { buy: 0, review: 0, skip: 0, 'insufficient data': 0 };
  const roiPercent = new Map<string, number>(
    [Number.NEGATIVE_INFINITY, ...roiClasses].map((from, at) => [className(from, roiClasses[at]), 0]),
  );
  const best = new Map<string, Best[]>();
  const failures = new Map<string, { items: number; example: string }>();

  const addAnalysis = (analysis: Analysis) => {
    verdicts[analysis.verdict] += 1;
    const { roi_percent: roi, price_currency: currency } = analysis;
    if (roi !== null) {
      const at = roiClasses.findLastIndex((from) => roi >= from);
      const name = className(roiClasses[at] ?? Number.NEGATIVE_INFINITY, roiClasses[at + 1]);
      roiPercent.set(name, (roiPercent.get(name) ?? 0) + 1);
    }
    if (analysis.verdict === 'buy') best.set(currency, withBest(best.get(currency) ?? [], analysis));
  };

  return {
    add(outcome: Outcome<Analysis>) {
      products += 1;
      if (outcome.status === 'succeeded') return addAnalysis(outcome.output);
      const { code, message } = outcome.error;
      const { items = 0, example = message } = failures.get(code) ?? {};
      failures.set(code, { items: items + 1, example });
    },
    result(): ProductsSummary {
      const failed = [...failures.values()].reduce((sum, { items }) => sum + items, 0);
      return {
        products,
        succeeded: products - failed,
        failed,
        verdicts,
        roiPercent: Object.fromEntries(roiPercent),
        top: [...best].map(([currency, products]) => ({ currency, products })),
        failures: [...failures].map(([code, rest]) => ({ code, ...rest })).sort((a, b) => b.items - a.items),
      };
    },
  };
}

/** Keeps the best few. */
function withBest(before: readonly Best[], { asin, title, ...figures }: Analysis): Best[] {
  const { profit, roi_percent, sales_month } = figures;
  const sales = sales_month ?? 0;
  const profit_month = Math.round((profit ?? 0) * sales * 100) / 100;
  const next = { asin, title, profit: profit ?? 0, roi_percent, sales_month: sales, profit_month };
  return [...before, next].sort((a, b) => b.profit_month - a.profit_month).slice(0, named);
}

function className(from: number, to: number | undefined): string {
  if (!Number.isFinite(from)) return `under ${to}`;
  return to === undefined ? `${from} and more` : `${from} to ${to}`;
}
