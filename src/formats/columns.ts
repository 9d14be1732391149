import { didYouMean, nearest } from '../engine/nearest.ts';
import { FileError } from './file-error.ts';
import type { Row } from './rows.ts';

/**
 * Throws when a header cannot name the values of a row: `BLANK_COLUMN`, `DUPLICATE_COLUMN`, `COLUMN_NOT_ACCEPTED`.
 * `row` is the header's.
 */
export function checkHeader(columns: readonly string[], row: number): void {
  const places = new Map<string, number>();
  for (const [index, name] of columns.entries()) {
    const column = index + 1;
    if (name.trim() === '') {
      throw new FileError('BLANK_COLUMN', `Column ${column} has no name in the header (row ${row})`, {
        row,
        column,
      });
    }
    // As a key of a plain object it would set the prototype.
    if (name === '__proto__') {
      throw new FileError('COLUMN_NOT_ACCEPTED', 'A column must not be named __proto__', { row, column });
    }
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

/** The row of a table that has these cells; missing ones are empty strings. */
export function toRow(columns: readonly string[], cells: readonly (string | undefined)[]): Row {
  const row: Row = {};
  for (let i = 0; i < columns.length; i++) row[columns[i] ?? ''] = cells[i] ?? '';
  return row;
}

/** Throws `MISSING_COLUMN` naming every required column that is not there, each with the nearest one that is. */
export function checkColumns(header: readonly string[], required: readonly string[]): void {
  const missing = required
    .filter((column) => !header.includes(column))
    .map((column) => ({ column, nearest: nearest(column, header) }));
  const [first] = missing;
  if (!first) return;
  const message = missing.map(({ column }) => `There is no column "${column}"${didYouMean(column, header)}`);
  throw new FileError('MISSING_COLUMN', message.join('; '), {
    row: 1,
    column: first.column,
    missing,
    header,
  });
}
