import { defineErrors } from '../engine/errors.ts';
import type { Named } from '../json/shape.ts';

/** A file from a disk, from S3 or from the network. Closed (`return`) when reading ends early. */
export type ByteSource = AsyncIterable<Uint8Array>;

/**
 * Column → value. Strings for CSV and XLSX, any JSON value for JSON. `namesOf` lists the columns in their order, which
 * `Object.keys` does not always do.
 */
export type Row = Named;

/**
 * `row` is the number that a person would look for, from 1: in CSV and XLSX the row that a spreadsheet shows
 * (the header and blank rows count; a cell with several lines is in one row), in JSON Lines the line, in a
 * JSON array the element.
 */
export interface ReadRow {
  row: number;
  /** If there is a problem: the part that could be read. */
  value: Row;
  problem?: RowProblem;
}

/** What can be wrong with a row. */
export const rowProblems = defineErrors({
  TOO_MANY_CELLS: {
    retryable: false,
    meaning: 'The row has values outside the columns of the header.',
    whatToDo: 'Remove the surplus cells, or quote the values that contain the separator.',
  },
  TEXT_AFTER_QUOTE: {
    retryable: false,
    meaning: 'Text follows the quote that ends a cell, as in `"a"b`.',
    whatToDo: 'Write a quote within a cell twice.',
  },
  BLANK_BEFORE_QUOTE: {
    retryable: false,
    meaning: 'A blank stands before the quote that should open a cell, as in `a, "b"`.',
    whatToDo: 'Remove the blanks after the separators, or the quotes.',
  },
  JSON_INVALID: {
    retryable: false,
    meaning: 'The line or element is not valid JSON.',
    whatToDo: 'Correct the line that the message names.',
  },
  NOT_AN_OBJECT: {
    retryable: false,
    meaning: 'The line or element is JSON, but not an object.',
    whatToDo: 'Write each row as an object: `{"column": "value"}`.',
  },
  CELL_ERROR: {
    retryable: false,
    meaning: 'A cell of the workbook shows an error, such as `#REF!`.',
    whatToDo: 'Correct the formula in the cell.',
  },
  FORMULA_NOT_CALCULATED: {
    retryable: false,
    meaning: 'The program that wrote the formula did not store its value.',
    whatToDo: 'Open the workbook in Excel and save it.',
  },
});

export type RowProblemCode = keyof typeof rowProblems;

/** Why a row cannot be used. The rows around it can. The message does not mention the place. */
export interface RowProblem {
  code: RowProblemCode;
  message: string;
  /** The column's name, or its number from 1 if it has none. */
  column?: string | number;
}

export interface Header {
  columns: readonly string[];
}
