import type { AmazonProduct } from '../../data/amazon-products.ts';
import { pick, type Random, whole } from '../../physics/chance.ts';

/** Places in the arrays of prices. Source: Keepa's `Product.CsvType`. */
const index = {
  amazon: 0,
  new: 1,
  sales: 3,
  listPrice: 4,
  countNew: 11,
  rating: 16,
  reviews: 17,
  buyBoxShipping: 18,
} as const;

/** How many places there are. */
const places = 36;

const minutesPerDay = 1440;

/** Days that a history goes back. */
const historyDays = 365;

/** Unix milliseconds as Keepa counts time: minutes since 2011. */
export function keepaMinutes(epochMs: number): number {
  return Math.floor(epochMs / 60_000) - 21_564_000;
}

/** A value from a time on, in Keepa's minutes and units: cents, ranks, tenths of a star. −1: none. */
interface Point {
  since: number;
  value: number;
}

/** What a place's history tells; shipping in cents where the place holds triples. */
interface Series {
  points: readonly Point[];
  shipping?: number;
}

/** A product's histories by place. The last point of each is today's value. */
export function histories(product: AmazonProduct, now: number, random: Random): Map<number, Series> {
  const today = now - (now % minutesPerDay);
  /** A walk that ends at `value`, with a step every two to five weeks, `spread` up or down at most. */
  const walk = (value: number, spread: number): Series => {
    const points: Point[] = [{ since: today - whole(random, 0, 5) * minutesPerDay, value }];
    for (let day = 6 + whole(random, 8, 30); day < historyDays; day += whole(random, 14, 35)) {
      const earlier = Math.max(1, Math.round(value * (1 + (random() * 2 - 1) * spread)));
      points.unshift({ since: today - day * minutesPerDay, value: earlier });
    }
    return { points };
  };
  const { amazonCents, buyBoxCents, listCents, newCents, offers, rating, reviews, salesRank } = product;
  const series = new Map<number, Series>([
    [index.new, walk(newCents, 0.15)],
    [index.sales, walk(salesRank, 0.5)],
    [index.listPrice, { points: [{ since: today - historyDays * minutesPerDay, value: listCents }] }],
    [index.countNew, walk(offers, 0.3)],
    [index.rating, walk(rating, 0.03)],
    [index.reviews, walk(reviews, 0.2)],
    [index.buyBoxShipping, { ...walk(buyBoxCents, 0.12), shipping: product.shippingCents }],
  ]);
  if (amazonCents !== undefined) series.set(index.amazon, walk(amazonCents, pick(random, [0.05, 0.1])));
  return series;
}

/** Arrays of `time, value, …` or `time, value, shipping, …` by place; null where nothing is known. */
export function csv(series: ReadonlyMap<number, Series>): (number[] | null)[] {
  return Array.from({ length: places }, (_, place) => {
    const { points, shipping } = series.get(place) ?? {};
    if (points === undefined) return null;
    return points.flatMap(({ since, value }) =>
      shipping === undefined ? [since, value] : [since, value, shipping],
    );
  });
}

/** Today's values and means, by place; −1 where there is none. The interval is in days. Prices include shipping. */
export function stats(series: ReadonlyMap<number, Series>, now: number, interval: number) {
  const of = (value: (points: readonly Point[]) => number) =>
    Array.from({ length: places }, (_, place) => {
      const { points, shipping = 0 } = series.get(place) ?? {};
      return points === undefined ? -1 : value(points) + shipping;
    });
  const mean = (days: number) => of((points) => weightedMean(points, now - days * minutesPerDay, now));
  return {
    current: of((points) => points.at(-1)?.value ?? -1),
    avg: mean(interval),
    avg30: mean(30),
    avg90: mean(90),
    avg180: mean(180),
    avg365: mean(365),
  };
}

/** The mean from `from` to `to`, each value weighing as long as it held. */
function weightedMean(points: readonly Point[], from: number, to: number): number {
  let sum = 0;
  let minutes = 0;
  points.forEach(({ since, value }, place) => {
    const start = Math.max(since, from);
    const end = Math.min(points[place + 1]?.since ?? to, to);
    if (end <= start) return;
    sum += value * (end - start);
    minutes += end - start;
  });
  return minutes === 0 ? (points[0]?.value ?? -1) : Math.round(sum / minutes);
}
