import type { Failure } from '../../engine/errors.ts';
import { errorColumns } from '../../formats/error-columns.ts';
import type { Row } from '../../formats/rows.ts';
import { namesOf } from '../../json/shape.ts';
import { jobErrors } from '../model/job-errors.ts';

/** Appends the error columns if a file takes so many. It may have its own columns by these names. */
export function withErrors(columns: readonly string[], most: number): string[] {
  const names: readonly string[] = errorColumns;
  const own = columns.filter((column) => !names.includes(column));
  return own.length + names.length > most ? own : [...own, ...names];
}

/** Their values for a failed item. */
export function errorRow({ code, message }: Pick<Failure, 'code' | 'message'>): Row {
  return { error_code: code, error_message: message };
}

/** Their values for a cancelled item. */
export const cancelledRow = errorRow({
  code: jobErrors.CANCELLED.code,
  message: 'The job was stopped before this row was processed',
});

/**
 * Removes the old errors from a row of an errors file that is submitted again: the row's next outcome brings its own.
 * Removes the columns only if they are the last two, where Spillway puts them.
 */
export function withoutErrors(row: Row): Row {
  // Nearly every row returns here, so this check must be cheap.
  if (!('error_message' in row && 'error_code' in row)) return row;
  const names = namesOf(row);
  if (names.at(-2) !== 'error_code' || names.at(-1) !== 'error_message') return row;
  const { error_code, error_message, ...own } = row;
  return own;
}
