import { SpillwayError } from '../engine/errors.ts';

/**
 * Where in a file something is. `row` counts as {@link ReadRow} does; `column` is a name, or a 1-based number; `byte` is an
 * offset in what the file holds uncompressed.
 */
export interface Place {
  row?: number;
  column?: string | number;
  byte?: number;
}

export type FileErrorCode =
  | 'FILE_EMPTY'
  /** A header, an empty JSON array: nothing to work on. */
  | 'FILE_HAS_NO_ROWS'
  | 'DUPLICATE_COLUMN'
  | 'BLANK_COLUMN'
  /** `__proto__`, or more columns than the format can hold. */
  | 'COLUMN_NOT_ACCEPTED'
  | 'MISSING_COLUMN'
  | 'UNBALANCED_QUOTE'
  | 'CELL_TOO_LARGE'
  | 'ROW_TOO_LARGE'
  | 'ENCODING_INVALID'
  /** The text around the rows of a JSON array is no JSON, or the file is one JSON object. */
  | 'JSON_INVALID'
  /** The file ends before its array does: an upload that broke off. */
  | 'FILE_TRUNCATED'
  | 'GZIP_DAMAGED'
  /** More comes out of a compressed file than is accepted, in total or for what went in. */
  | 'DECOMPRESSION_BOMB'
  | 'FILE_TOO_LARGE'
  /** No zip, a damaged one, or none that holds an Excel workbook (.xlsx). */
  | 'NOT_A_WORKBOOK'
  | 'WORKBOOK_ENCRYPTED'
  | 'MACROS_NOT_ACCEPTED'
  | 'NO_SHEETS'
  | 'SHEET_NOT_FOUND'
  | 'SHARED_STRINGS_TOO_LARGE'
  /** Reading cannot go on from this position: it belongs to another file or version. */
  | 'POSITION_INVALID';

/** A file that cannot be read, or not further. `details` holds the place, and what else the code tells of. */
export class FileError extends SpillwayError {
  declare readonly code: FileErrorCode;

  constructor(
    code: FileErrorCode,
    message: string,
    details?: Place & Record<string, unknown>,
    cause?: unknown,
  ) {
    super(code, message, { details, cause });
  }
}

export function rowTooLarge(row: number, maxChars: number): FileError {
  return new FileError('ROW_TOO_LARGE', `Row ${row} has more than ${maxChars} characters`, { row, maxChars });
}
