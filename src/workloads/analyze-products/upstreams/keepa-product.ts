import * as z from 'zod';

/** Indices of the series in Keepa's arrays (Product.CsvType). Prices are in cents. */
export const series = {
  amazon: 0,
  new: 1,
  salesRank: 3,
  listPrice: 4,
  offers: 11,
  /** Tenths of a star. */
  rating: 16,
  reviews: 17,
  /** Shipping included. */
  buyBox: 18,
} as const;

export type Series = keyof typeof series;

/** Indices of the series whose histories hold shipping beside each price: 7 and 18 to 27. */
const withShipping: ReadonlySet<number> = new Set([7, ...Array.from({ length: 10 }, (_, at) => 18 + at)]);
/** Keepa's value for "nothing". */
const none = -1;
/** Minutes between the start of Unix time and that of Keepa's, in 2011. */
const firstMinute = 21_564_000;
/** The type of a product that Keepa does not know. */
export const invalidType = 4;

const values = z.array(z.union([z.number(), z.array(z.number())]).nullable());

export const productAnswer = z.object({
  asin: z.string(),
  productType: z.number(),
  title: z.string().nullish(),
  brand: z.string().nullish(),
  monthlySold: z.number().nullish(),
  stats: z
    .object({ current: values, avg30: values, avg90: values, salesRankDrops30: z.number().nullish() })
    .nullish(),
  csv: z.array(z.array(z.number()).nullable()).nullish(),
});

/** A value and the time from which it held. */
export interface Point {
  /** Epoch milliseconds. */
  at: number;
  /** In the series' unit. Undefined if there was none: out of stock, or unranked. */
  value: number | undefined;
  /** Cents; only in series that hold prices with shipping. */
  shipping?: number | undefined;
}

/** Series that Keepa has no data for are missing. */
export type Values = Partial<Record<Series, number>>;

export interface KeepaProduct {
  asin: string;
  title: string | undefined;
  brand: string | undefined;
  current: Values;
  /** Means over the last 30 and 90 days, weighted by time. */
  mean30: Values;
  mean90: Values;
  /** Least number of units bought in the last month, as Amazon reports it; most products have no such figure. */
  soldLastMonth: number | undefined;
  /** How often the sales rank fell within 30 days: each drop means a sale. */
  rankDrops30: number | undefined;
  /** Empty unless histories were requested. Oldest first. */
  history: Partial<Record<Series, Point[]>>;
}

/** A product in Spillway's terms; undefined if Keepa does not know it. */
export function productFrom(answer: z.output<typeof productAnswer>): KeepaProduct | undefined {
  const { asin, productType, title, brand, monthlySold, stats, csv } = answer;
  if (productType === invalidType) return undefined;
  return {
    asin,
    title: title ?? undefined,
    brand: brand ?? undefined,
    current: valuesFrom(stats?.current),
    mean30: valuesFrom(stats?.avg30),
    mean90: valuesFrom(stats?.avg90),
    soldLastMonth: known(monthlySold ?? none),
    rankDrops30: known(stats?.salesRankDrops30 ?? none),
    history: each((place) => {
      const points = csv?.[place];
      return points ? pointsFrom(points, withShipping.has(place)) : undefined;
    }),
  };
}

/** Converts Keepa's minutes to Unix milliseconds. */
export function unixMs(keepaMinutes: number): number {
  return (keepaMinutes + firstMinute) * 60_000;
}

function valuesFrom(list: z.output<typeof values> | undefined): Values {
  return each((place) => {
    const value = list?.[place];
    return typeof value === 'number' ? known(value) : undefined;
  });
}

function pointsFrom(list: readonly number[], shipping: boolean): Point[] {
  const step = shipping ? 3 : 2;
  return Array.from({ length: Math.floor(list.length / step) }, (_, index) => {
    const [at = 0, value = none, extra = none] = list.slice(index * step, (index + 1) * step);
    return { at: unixMs(at), value: known(value), ...(shipping && { shipping: known(extra) }) };
  });
}

function each<Value>(of: (place: number) => Value | undefined): Partial<Record<Series, Value>> {
  const entries = Object.entries(series).map(([name, place]) => [name, of(place)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function known(value: number): number | undefined {
  return value === none ? undefined : value;
}
