import type { Row } from './bench.ts';

/** Rows that are compared with each other: those of one bench, and of one `case` if it has several. */
export interface Comparison {
  bench: string;
  /** The bench's name, and the case if it has one. */
  title: string;
  rows: Row[];
}

export function comparisons(rows: readonly Row[]): Comparison[] {
  const byTitle = Map.groupBy(rows, ({ bench, extra }) =>
    extra.case === undefined ? bench : `${bench}, ${extra.case}`,
  );
  return [...byTitle].map(([title, rows]) => ({ bench: rows[0]?.bench ?? title, title, rows }));
}

/** How many times the least possible time a row took; undefined where there is no such limit. */
export function timesLimit({ seconds, limitSeconds }: Row): number | undefined {
  return limitSeconds > 0 ? seconds / limitSeconds : undefined;
}

/** A number as people read it: three significant digits, all of them before the point. */
export function readable(value: number | string): string {
  if (typeof value === 'string') return value;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: Number.isInteger(value) ? 0 : digits });
}

export function readableTimes(row: Row): string {
  const times = timesLimit(row);
  return times === undefined ? '' : `${times.toFixed(2)}×`;
}

/** `itemsPerSecond` → `items per second`. */
export function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
