import { didYouMean, nearest } from '../engine/nearest.ts';
import { namesOf } from '../json/shape.ts';
import { FileError } from './file-error.ts';
import type { Format } from './format.ts';
import type { ReadRow } from './rows.ts';
import { hasValue } from './values.ts';

/**
 * The columns with a name for each that has none: its number, which counts from 1. `onNamed` is told of each.
 */
export function withNames(
  columns: readonly string[],
  onNamed: (column: number, name: string) => void = () => {},
): string[] {
  return columns.map((given, index) => {
    if (hasValue(given)) return given;
    const name = freeName(`column_${index + 1}`, columns);
    onNamed(index + 1, name);
    return name;
  });
}

function freeName(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? freeName(`${name}_`, taken) : name;
}

/** Throws `DUPLICATE_COLUMN` if two columns have the same name. `row` is the header's. */
export function checkHeader(columns: readonly string[], row: number): void {
  const places = new Map<string, number>();
  for (const [index, name] of columns.entries()) {
    const column = index + 1;
    const first = places.get(name);
    if (first !== undefined) {
      throw new FileError('DUPLICATE_COLUMN', `Columns ${first} and ${column} are both named "${name}"`, {
        row,
        column: name,
        columns: [first, column],
      });
    }
    places.set(name, column);
  }
}

export const xlsxMaxColumns = 16_384;

/** Throws `COLUMN_NOT_ACCEPTED` if a file of this format cannot hold so many columns. */
export function checkWidth(columns: number, format: Format): void {
  if (format !== 'xlsx' || columns <= xlsxMaxColumns) return;
  throw new FileError(
    'COLUMN_NOT_ACCEPTED',
    `A sheet of XLSX has at most ${xlsxMaxColumns} columns, and there are ${columns}: choose CSV or JSON for the output`,
    { columns },
  );
}

/** How many characters of the cells beyond the header a message quotes. */
const quotedChars = 200;

/**
 * The cells beyond the header, to help the user repair the row; undefined if they are empty, as spreadsheets
 * leave them.
 */
export function cellsBeyond(
  columns: readonly string[],
  cells: readonly (string | undefined)[],
): { first: number; told: string } | undefined {
  const first = cells.findIndex((cell, index) => index >= columns.length && hasValue(cell));
  if (first < 0) return undefined;
  const rest = Array.from(cells.slice(columns.length), (cell = '') => `"${cell}"`).join(', ');
  const told = rest.length > quotedChars ? `${rest.slice(0, quotedChars)}…` : rest;
  return { first, told: `beyond the header's ${columns.length} columns it has ${told}` };
}

/**
 * Throws `MISSING_COLUMN` with every required column that is missing and the most similar one that exists.
 * `row` is the header's.
 */
export function checkColumns(header: readonly string[], required: readonly string[], row = 1): void {
  const missing = required
    .filter((column) => !header.includes(column))
    .map((column) => ({ column, nearest: nearest(column, header) }));
  const [first] = missing;
  if (!first) return;
  const message = missing.map(({ column }) => `There is no column "${column}"${didYouMean(column, header)}`);
  throw new FileError('MISSING_COLUMN', message.join('; '), {
    row,
    column: first.column,
    missing,
    header,
  });
}

/** How many names are searched for a similar one: each row may bring new names. */
const mostNames = 1_000;

/**
 * Looks for required columns in rows that name their own, as JSON rows do. Rows may differ, so one row
 * without a column says nothing about the next: only a column that no row has is missing from the file.
 */
export class RowNames {
  #missing: readonly string[];
  readonly #names = new Set<string>();
  /** The first row that names any columns. */
  #row: number | undefined;

  constructor(required: readonly string[]) {
    this.#missing = required;
  }

  add(rows: readonly ReadRow[]): void {
    for (const row of rows) {
      if (this.#missing.length === 0) return;
      if (row.problem) continue;
      this.#row ??= row.row;
      this.#missing = this.#missing.filter((name) => !Object.hasOwn(row.value, name));
      if (this.#names.size < mostNames) for (const name of namesOf(row.value)) this.#names.add(name);
    }
  }

  /** Throws `MISSING_COLUMN` if rows were added and none has one of the columns. */
  check(): void {
    if (this.#row !== undefined) checkColumns([...this.#names], this.#missing, this.#row);
  }
}
