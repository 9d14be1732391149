/** A file as it comes from a disk, from S3 or from the network. Closed (`return`) when reading ends early. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** Column → value. Strings for CSV and XLSX, any JSON value for JSON. */
export type Row = Record<string, unknown>;

/**
 * `row` is what a person would look for, from 1: in CSV and XLSX the row a spreadsheet shows (the header and blank rows
 * count, a cell of several lines is in one row), in JSON Lines the line, in a JSON array the element.
 */
export interface ReadRow {
  row: number;
  /** Where there is a problem: what could be read all the same. */
  value: Row;
  problem?: RowProblem;
}

export type RowProblemCode =
  /** CSV, XLSX: values outside the columns of the header. The message quotes them. */
  | 'TOO_MANY_CELLS'
  /**
   * CSV: something follows the quote that ends a cell, as in `"a"b`: most likely a quote that is not doubled. Such a cell is
   * kept as the file has it, quotes and all.
   */
  | 'TEXT_AFTER_QUOTE'
  /** JSON: this one is no JSON. The row has its text, as `raw`. */
  | 'JSON_INVALID'
  /** JSON: JSON, but no object. The row has its text, as `raw`. */
  | 'NOT_AN_OBJECT'
  /** XLSX: the cell shows an error such as `#REF!`. */
  | 'CELL_ERROR'
  /** XLSX: the program that wrote the formula did not calculate it. */
  | 'FORMULA_NOT_CALCULATED';

/** Why one row cannot be used. The rows around it can. The message says nothing of the place. */
export interface RowProblem {
  code: RowProblemCode;
  message: string;
  /** Its name, or its number from 1 where it has none. */
  column?: string | number;
}

export interface Header {
  columns: readonly string[];
}
