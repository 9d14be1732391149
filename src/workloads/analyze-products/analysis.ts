import type { Facts } from './facts.ts';
import { type Costs, type Figures, figuresOf, landedCost } from './figures.ts';
import { type Country, type Marketplace, marketplaces } from './marketplaces.ts';
import { exchangeRate, fromMinor, toMinor } from './money.ts';
import type { Item, Options, Thresholds } from './schema.ts';
import { judge, type Verdict } from './verdict.ts';

/** What a row and the options say before any look-up, in its marketplace's currency. */
export interface Terms {
  item: Item;
  country: Country;
  marketplace: Marketplace;
  /** Minor units. */
  costs: Omit<Costs, 'weightKg'>;
  vatPercent: number;
  thresholds: Thresholds;
}

/** What the look-ups found about a product. */
export interface Known {
  facts: Facts;
  /** Minor units of the marketplace's currency. */
  price: number | undefined;
  fees: number | undefined;
}

/** The columns that the output adds after the input's own; null is an empty cell. Money in `price_currency`. */
export interface Analysis {
  asin: string;
  title: string | null;
  brand: string | null;
  category: string | null;
  marketplace: Country;
  price_currency: string;
  price: number | null;
  price_mean_90: number | null;
  offers: number | null;
  amazon_sells: boolean | null;
  rank: number | null;
  rank_mean_90: number | null;
  sales_month: number | null;
  landed_cost: number | null;
  fees: number | null;
  vat: number | null;
  profit: number | null;
  margin_percent: number | null;
  roi_percent: number | null;
  verdict: Verdict;
  reasons: string;
}

/** Throws `CURRENCY_UNKNOWN` if it needs an exchange rate that the options lack. */
export function termsOf(item: Item, options: Options): Terms {
  const country = item.marketplace ?? options.marketplace;
  const marketplace = marketplaces[country];
  const { currency } = marketplace;
  const own = marketplaces[options.marketplace].currency;
  const rate = (from: string) => exchangeRate(from, currency, options.exchange, own);
  const inMinor = (amount: number, from: string) => toMinor(amount * rate(from), currency);
  const from = item.currency ?? currency;
  return {
    item,
    country,
    marketplace,
    costs: {
      cost: inMinor(item.cost, from),
      shipping: inMinor(item.shipping ?? 0, from),
      freightPerKg: inMinor(options.freightPerKg, own),
      prepCost: inMinor(options.prepCost, own),
      dutyPercent: options.dutyPercent,
    },
    vatPercent: options.vatPercent,
    thresholds: { ...options.thresholds, profit: options.thresholds.profit * rate(own) },
  };
}

/** Adds the figures and a verdict. */
export function analyse(terms: Terms, { facts, price, fees }: Known): Analysis {
  const { item, country, marketplace, costs, vatPercent, thresholds } = terms;
  const { currency } = marketplace;
  const weightKg = item.weight ?? facts.weightKg;
  const weighs = costs.freightPerKg > 0;
  const landed =
    weighs && weightKg === undefined ? undefined : landedCost({ ...costs, weightKg: weightKg ?? 0 });
  let figures: Figures | undefined;
  if (price !== undefined && fees !== undefined && landed !== undefined) {
    figures = figuresOf({ price, fees, landed, vatPercent });
  }
  const { verdict, reasons } = judge({ facts, price, fees, figures, weighs, weightKg, currency }, thresholds);
  const money = (minor: number | undefined) => (minor === undefined ? null : fromMinor(minor, currency));
  return {
    asin: item.asin,
    title: facts.title ?? null,
    brand: facts.brand ?? null,
    category: facts.category ?? null,
    marketplace: country,
    price_currency: currency,
    price: money(price),
    price_mean_90: money(facts.meanPrice),
    offers: facts.offers ?? null,
    amazon_sells: facts.amazonSells ?? null,
    rank: facts.rank ?? null,
    rank_mean_90: facts.meanRank ?? null,
    sales_month: facts.salesPerMonth ?? null,
    landed_cost: money(landed),
    fees: money(fees),
    vat: money(figures?.vat),
    profit: money(figures?.profit),
    margin_percent: figures?.marginPercent ?? null,
    roi_percent: figures?.roiPercent ?? null,
    verdict,
    reasons: reasons.join('; '),
  };
}
