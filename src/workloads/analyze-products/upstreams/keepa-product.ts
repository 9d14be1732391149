import * as z from 'zod';

/** Places of series in Keepa's arrays (Product.CsvType). Prices are in cents. */
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

/** Places whose histories have the shipping beside each price: 7 and 18 to 27. */
const withShipping: ReadonlySet<number> = new Set([7, ...Array.from({ length: 10 }, (_, at) => 18 + at)]);
/** What Keepa says where there is nothing. */
const none = -1;
/** Keepa's time begins so many minutes after Unix's, in 2011. */
const firstMinute = 21_564_000;
/** A product that Keepa does not know. */
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

/** A value that held from a time on. */
export interface Point {
  /** Epoch milliseconds. */
  at: number;
  /** In the series' unit. Undefined where there was none: out of stock, without a rank. */
  value: number | undefined;
  /** Cents; where the series has prices with shipping. */
  shipping?: number | undefined;
}

/** A series that Keepa has nothing of is missing. */
export type Values = Partial<Record<Series, number>>;

export interface KeepaProduct {
  asin: string;
  title: string | undefined;
  brand: string | undefined;
  current: Values;
  /** Means of the last 30 and 90 days, weighted by time. */
  mean30: Values;
  mean90: Values;
  /** Units bought in the last month, at least, in Amazon's words; most products have no such figure. */
  soldLastMonth: number | undefined;
  /** How often the sales rank fell within 30 days: each time, something was sold. */
  rankDrops30: number | undefined;
  /** Empty unless histories were asked for. Oldest first. */
  history: Partial<Record<Series, Point[]>>;
}

/** A product in Spillway's words; undefined for one that Keepa does not know. */
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

/** Unix milliseconds of Keepa's minutes. */
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
