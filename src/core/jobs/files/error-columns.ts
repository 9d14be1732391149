import type { Failure } from '../../engine/errors.ts';
import type { Row } from '../../formats/rows.ts';
import { jobErrors } from '../model/job-errors.ts';

/** Columns that tell of an item that failed or was cancelled, behind its own. */
export const errorColumns = ['error_code', 'error_message'] as const;

/** What they say of a failed item. */
export function errorRow({ code, message }: Pick<Failure, 'code' | 'message'>): Row {
  return { error_code: code, error_message: message };
}

/** What they say of a cancelled one. */
export const cancelledRow = errorRow({
  code: jobErrors.CANCELLED.code,
  message: 'The job was stopped before this row was processed',
});

/**
 * A row of a file of errors that is sent again, without the old errors: the row's next outcome tells its own. Only columns
 * that stand where they were put, behind all others, are taken for ours.
 */
export function withoutErrors(row: Row): Row {
  // Nearly every row ends here: it must not cost more than a look.
  if (!('error_message' in row && 'error_code' in row)) return row;
  const names = Object.keys(row);
  if (names.at(-2) !== 'error_code' || names.at(-1) !== 'error_message') return row;
  const { error_code, error_message, ...own } = row;
  return own;
}
