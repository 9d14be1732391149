import { makerOf } from '../../json/shape.ts';
import { type Batch, Batcher } from '../batch.ts';
import { cellsBeyond } from '../columns.ts';
import { FileError, rowTooLarge } from '../file-error.ts';
import type { Delimiter } from '../format.ts';
import { columnsOf } from '../header.ts';
import type { ParsedReadOptions, ReadLimits } from '../options.ts';
import type { Position } from '../position.ts';
import type { RowProblem } from '../rows.ts';
import type { TextWindow } from '../text-window.ts';
import { hasValue } from '../values.ts';
import { type Warning, warning } from '../warning.ts';
import { CsvScanner } from './scanner.ts';

export interface CsvStart {
  delimiter: Delimiter;
  /** The last row before the window. */
  row: number;
  /** Columns up to the last one that is known to have a value. */
  columnsUsed: number;
  /** The columns of the rows in the window; undefined until the header has been read. */
  columns?: readonly string[];
}

/** Reads the rows of the window. Throws a {@link FileError} if the file cannot be read, or only up to some point. */
export async function* readCsv(
  window: TextWindow,
  start: CsvStart,
  options: ParsedReadOptions,
  at: (row: number, columns: readonly string[]) => Position,
): AsyncGenerator<Batch, void, void> {
  const scanner = new CsvScanner(start.delimiter);
  let { row, columns } = start;
  const batcher = new Batcher(options);
  const warn = options.onWarning ?? (() => {});
  let rowOf = makerOf(columns ?? [], '');
  if (columns) options.onHeader?.({ columns });
  let offset = 0;
  /** The first row above the header that has cells, but no values. */
  let emptyRow: number | undefined;
  for (;;) {
    const next = offset < window.text.length ? scanner.read(window.text, offset, window.ended) : -1;
    if (next < 0) {
      if (window.ended && offset === window.text.length) break;
      checkOpen(scanner, window, offset, row + 1, columns, options.limits);
      batcher.chars += offset;
      window.drop(offset);
      offset = 0;
      await window.more(row + 1);
      continue;
    }
    const length = next - offset;
    offset = next;
    row++;
    if (scanner.blank) continue;
    checkSizes(scanner.cells, length, row, columns, options.limits);
    if (!scanner.cells.some(hasValue)) {
      if (columns) batcher.blank++;
      else emptyRow ??= row;
      continue;
    }
    if (!columns) {
      const { columnsUsed: used } = start;
      for (const one of headerWarnings(scanner, row, emptyRow)) warn(one);
      columns = columnsOf(scanner.cells, { row, used, wanted: options.wanted, warn });
      rowOf = makerOf(columns, '');
      options.onHeader?.({ columns });
      continue;
    }
    const problem = problemOf(scanner, columns);
    const value = rowOf(scanner.cells);
    batcher.rows.push(problem ? { row, value, problem } : { row, value });
    if (batcher.full(offset)) {
      window.drop(offset);
      offset = 0;
      yield batcher.take(at(row, columns));
    }
  }
  window.drop(offset);
  if (!columns) throw new FileError('FILE_EMPTY', 'The file is empty');
  if (!start.columns && batcher.taken === 0 && batcher.rows.length === 0) {
    throw new FileError('FILE_HAS_NO_ROWS', 'The file has a header, but no rows', { row });
  }
  if (batcher.pending) yield batcher.take(at(row, columns));
}

/** What the user should know of a header, which stands in `row`. */
function headerWarnings(
  { strayBlank, strayText }: CsvScanner,
  row: number,
  emptyRow: number | undefined,
): Warning[] {
  const warnings: Warning[] = [];
  const column = (index: number) => `Column ${index + 1} of the header (row ${row})`;
  if (emptyRow !== undefined) {
    const message = `Row ${emptyRow} has no value in any cell, so row ${row} is read as the header`;
    warnings.push(warning('EMPTY_ROW_BEFORE_HEADER', message));
  }
  if (strayBlank !== undefined) {
    const message = `${column(strayBlank)} has a blank before its quote, so its name begins with them`;
    warnings.push(warning('BLANK_BEFORE_QUOTE', message));
  }
  if (strayText !== undefined) {
    const message = `${column(strayText)} has text after its quote, so its name has the quotes`;
    warnings.push(warning('TEXT_AFTER_QUOTE', message));
  }
  return warnings;
}

function problemOf(
  { cells, strayText, strayBlank }: CsvScanner,
  columns: readonly string[],
): RowProblem | undefined {
  const strays = strayText !== undefined || strayBlank !== undefined;
  if (!strays && cells.length <= columns.length) return undefined;
  const beyond = cellsBeyond(columns, cells);
  const also = beyond ? `; ${beyond.told}` : '';
  if (strayBlank !== undefined) {
    return {
      code: 'BLANK_BEFORE_QUOTE',
      message: `A blank stands before the opening quote, which makes the quote part of the text: remove the blank${also}`,
      column: columns[strayBlank] ?? strayBlank + 1,
    };
  }
  if (strayText !== undefined) {
    return {
      code: 'TEXT_AFTER_QUOTE',
      message: `Text follows the closing quote: a quote within a cell has to be doubled${also}`,
      column: columns[strayText] ?? strayText + 1,
    };
  }
  return (
    beyond && {
      code: 'TOO_MANY_CELLS',
      message: `The row is too long: ${beyond.told}`,
      column: beyond.first + 1,
    }
  );
}

function checkSizes(
  cells: readonly string[],
  length: number,
  row: number,
  columns: readonly string[] | undefined,
  { maxCellChars, maxRowChars }: ReadLimits,
): void {
  if (length <= maxCellChars) return;
  const index = cells.findIndex((cell) => cell.length > maxCellChars);
  if (index >= 0) throw cellTooLarge(row, columns?.[index] ?? index + 1, maxCellChars, false);
  if (length > maxRowChars) throw rowTooLarge(row, maxRowChars);
}

/** Checks the row that begins at `offset` and has no end yet. */
function checkOpen(
  { open, cells }: CsvScanner,
  { text, ended }: TextWindow,
  offset: number,
  row: number,
  columns: readonly string[] | undefined,
  { maxCellChars, maxRowChars }: ReadLimits,
): void {
  if (offset === text.length) return;
  const column = columns?.[cells.length] ?? cells.length + 1;
  // Inside quotes, a character may be written as two.
  const mostChars = open.quoted ? maxCellChars * 2 + 2 : maxCellChars;
  if (text.length - open.start > mostChars) throw cellTooLarge(row, column, maxCellChars, open.quoted);
  if (text.length - offset > maxRowChars) throw rowTooLarge(row, maxRowChars);
  if (ended) {
    throw new FileError(
      'UNBALANCED_QUOTE',
      `The quote that opens in row ${row}, column ${column} is never closed`,
      {
        row,
        column,
      },
    );
  }
}

function cellTooLarge(row: number, column: string | number, maxChars: number, quoted: boolean): FileError {
  const hint = quoted ? '; is a quote missing?' : '';
  return new FileError(
    'CELL_TOO_LARGE',
    `Row ${row}, column ${column} has more than ${maxChars} characters${hint}`,
    { row, column, maxChars },
  );
}
