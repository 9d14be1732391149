import { defineErrors, SpillwayError } from '../engine/errors.ts';

/**
 * A place in a file. `row` counts as in {@link ReadRow}; `column` is a name or a 1-based number; `byte` is an
 * offset in the uncompressed content.
 */
export interface Place {
  row?: number;
  column?: string | number;
  byte?: number;
}

export const fileErrors = defineErrors({
  FILE_EMPTY: {
    retryable: false,
    status: 422,
    meaning: 'The file is empty.',
    whatToDo: 'Check the export that wrote the file, and upload it again.',
  },
  FILE_HAS_NO_ROWS: {
    retryable: false,
    status: 422,
    meaning: 'The file has a header or an empty array, but no rows.',
    whatToDo: 'Check the export that wrote the file, and upload it again.',
  },
  DUPLICATE_COLUMN: {
    retryable: false,
    status: 422,
    meaning: 'Two columns have the same name.',
    whatToDo: 'Rename one of the columns that the message names.',
  },
  COLUMN_NOT_ACCEPTED: {
    retryable: false,
    status: 422,
    meaning: 'The file has more columns than its format can hold.',
    whatToDo: 'Remove columns.',
  },
  MISSING_COLUMN: {
    retryable: false,
    status: 422,
    meaning: 'A column that the workload needs is missing.',
    whatToDo: 'Add the column, or rename the one that the message suggests.',
  },
  DELIMITER_NOT_ACCEPTED: {
    retryable: false,
    status: 422,
    meaning: 'The first line of a CSV file, `sep=`, names a delimiter that is not read.',
    whatToDo: 'Save the file with a comma, semicolon, tab or `|` between its cells.',
  },
  UNBALANCED_QUOTE: {
    retryable: false,
    status: 422,
    meaning: 'A quoted CSV cell never ends.',
    whatToDo: 'Close the quote at the place that the message names. Write a quote within a cell twice.',
  },
  CELL_TOO_LARGE: {
    retryable: false,
    status: 422,
    meaning: 'A cell has more characters than a cell may have.',
    whatToDo: 'Shorten the cell. A missing closing quote is the usual cause.',
  },
  ROW_TOO_LARGE: {
    retryable: false,
    status: 422,
    meaning: 'A row has more characters than a row may have.',
    whatToDo: 'Shorten the row. A missing line break or closing quote is the usual cause.',
  },
  ENCODING_INVALID: {
    retryable: false,
    status: 422,
    meaning: 'The bytes of the file do not fit its encoding.',
    whatToDo: 'Save the file as UTF-8, or name its encoding in `source.encoding`.',
  },
  JSON_INVALID: {
    retryable: false,
    status: 422,
    meaning: 'The JSON around the rows is not valid, or the file is a single JSON object.',
    whatToDo: 'Send an array of objects, or one object per line.',
  },
  FILE_TRUNCATED: {
    retryable: false,
    status: 422,
    meaning: 'The file ends before its JSON array does.',
    whatToDo: 'Upload the whole file again.',
  },
  GZIP_DAMAGED: {
    retryable: false,
    status: 422,
    meaning: 'The gzip data is damaged or incomplete.',
    whatToDo: 'Compress the file again, and upload it.',
  },
  DECOMPRESSION_BOMB: {
    retryable: false,
    status: 422,
    meaning: 'The compressed file unpacks to more than is accepted.',
    whatToDo: 'Split the file, or upload it uncompressed.',
  },
  FILE_TOO_LARGE: {
    retryable: false,
    status: 422,
    meaning: 'The workbook has more bytes than a workbook may have.',
    whatToDo: 'Split the file, or save it as CSV.',
  },
  NOT_ROWS: {
    retryable: false,
    status: 422,
    meaning: 'The file is of a kind that has no rows, such as HTML, XML or PDF.',
    whatToDo:
      'Save the table as CSV, JSON Lines, JSON or XLSX. HTML is often an error page or a page for logging in.',
  },
  NOT_A_WORKBOOK: {
    retryable: false,
    status: 422,
    meaning: 'The file is not an Excel workbook (.xlsx), or is a damaged one.',
    whatToDo: 'Open the file in Excel and save it as .xlsx.',
  },
  WORKBOOK_ENCRYPTED: {
    retryable: false,
    status: 422,
    meaning: 'The workbook has a password.',
    whatToDo: 'Save the workbook without a password.',
  },
  MACROS_NOT_ACCEPTED: {
    retryable: false,
    status: 422,
    meaning: 'The workbook has macros.',
    whatToDo: 'Save the workbook as .xlsx, without macros.',
  },
  NO_SHEETS: {
    retryable: false,
    status: 422,
    meaning: 'The workbook has no sheet of cells.',
    whatToDo: 'Put the rows on a worksheet.',
  },
  SHEET_NOT_FOUND: {
    retryable: false,
    status: 422,
    meaning: 'The workbook has no sheet with the given name or number.',
    whatToDo: 'Use one of the names in the message.',
  },
  SHARED_STRINGS_TOO_LARGE: {
    retryable: false,
    status: 422,
    meaning: 'The workbook has more text than can be read at once.',
    whatToDo: 'Split the workbook, or save it as CSV.',
  },
  POSITION_INVALID: {
    retryable: false,
    status: 422,
    meaning: 'Reading cannot continue where it stopped: the file has changed since.',
    whatToDo: 'Submit the changed file as a new job.',
  },
});

export type FileErrorCode = keyof typeof fileErrors;

/** A file that cannot be read, or only up to some point. `details` holds the place and the code's other details. */
export class FileError extends SpillwayError {
  declare readonly code: FileErrorCode;

  constructor(
    code: FileErrorCode,
    message: string,
    details?: Place & Record<string, unknown>,
    cause?: unknown,
  ) {
    super(fileErrors[code], message, { details, cause });
  }
}

export function rowTooLarge(row: number, maxChars: number): FileError {
  return new FileError('ROW_TOO_LARGE', `Row ${row} has more than ${maxChars} characters`, { row, maxChars });
}
