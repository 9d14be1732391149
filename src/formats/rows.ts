/** A file as it comes from a disk, from S3 or from the network. Closed (`return`) when reading ends early. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** Column → value. Strings for CSV and XLSX, any JSON value for JSON. */
export type Row = Record<string, unknown>;

/**
 * `row` is what a person would look for, from 1: in CSV and XLSX the row a spreadsheet shows (the header and blank rows
 * count, a cell of several lines is in one row), in JSON Lines the line, in a JSON array the element.
 */
export type ReadRow = { row: number; value: Row } | { row: number; problem: RowProblem };

export type RowProblemCode =
  /** CSV, XLSX: a value outside the columns of the header. */
  | 'TOO_MANY_CELLS'
  /** CSV: something follows the quote that ends a cell, as in `"a"b`: most likely a quote that is not doubled. */
  | 'TEXT_AFTER_QUOTE'
  /** JSON: this one is no JSON. */
  | 'JSON_INVALID'
  /** JSON: JSON, but no object. */
  | 'NOT_AN_OBJECT'
  /** XLSX: the cell shows an error such as `#REF!`. */
  | 'CELL_ERROR'
  /** XLSX: the program that wrote the formula did not calculate it. */
  | 'FORMULA_NOT_CALCULATED';

/** Why one row cannot be used. The rows around it can. */
export interface RowProblem {
  code: RowProblemCode;
  message: string;
  /** Its name, or its number from 1 where it has none. */
  column?: string | number;
}

export interface Header {
  columns: readonly string[];
}
