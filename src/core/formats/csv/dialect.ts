import { FileError } from '../file-error.ts';
import { type Delimiter, delimiters } from '../format.ts';
import type { ParsedReadOptions } from '../options.ts';
import { hasValue } from '../values.ts';
import { CsvScanner } from './scanner.ts';

/** In order of preference if nothing else decides: the comma comes last, because ordinary text contains it too. */
const candidates = ['\t', '|', ';', ','] as const satisfies Delimiter[];

/** Sample rows that are compared with the header. */
const rowsCompared = 100;

/** The line that tells Excel the delimiter, as programs write and re-write it. It is not a row. */
const excelHint = /^"?sep="?([^\w\s"]|\t)[",;\t| ]*(?:\r\n?|\n)/i;

export interface Dialect {
  delimiter: Delimiter;
  /** Characters to skip before the first row. */
  skip: number;
  /** Columns up to the last one with a value in the sample, the header included. */
  columnsUsed: number;
}

/**
 * Finds out from a file's beginning how it is written. Throws `FILE_HAS_NO_ROWS` if the rows to skip do not end in it, and
 * `DELIMITER_NOT_ACCEPTED`.
 */
export function detectDialect(
  sample: string,
  { delimiter: asked, skipRows }: Pick<ParsedReadOptions, 'delimiter' | 'skipRows'>,
): Dialect {
  const hint = excelHint.exec(sample);
  const hinted = delimiters.find((delimiter) => delimiter === hint?.[1]);
  if (hint && !hinted) {
    const message = `The first line says that "${hint[1]}" separates cells: save the file with a comma, semicolon, tab or |`;
    throw new FileError('DELIMITER_NOT_ACCEPTED', message, { row: 1 });
  }
  const hintEnd = hinted ? (hint?.[0].length ?? 0) : 0;
  const skip = hintEnd + charsOf(skipRows, sample.slice(hintEnd));
  const rest = sample.slice(skip);
  const delimiter = asked ?? hinted ?? delimiterOf(rest);
  return { delimiter, skip, columnsUsed: columnsUsed(rest, delimiter) };
}

/** Characters of the first rows. */
function charsOf(rows: number, sample: string): number {
  const scanner = new CsvScanner(',');
  let end = 0;
  for (let row = 0; row < rows; row++) {
    const next = end < sample.length ? scanner.read(sample, end, false) : -1;
    if (next < 0) {
      throw new FileError(
        'FILE_HAS_NO_ROWS',
        `There is no header after the first ${rows} rows, which are skipped`,
      );
    }
    end = next;
  }
  return end;
}

function columnsUsed(sample: string, delimiter: Delimiter): number {
  const scanner = new CsvScanner(delimiter);
  let used = 0;
  for (let at = 0; at >= 0 && at < sample.length; ) {
    at = scanner.read(sample, at, true);
    used = Math.max(used, scanner.cells.findLastIndex(hasValue) + 1);
  }
  return used;
}

/**
 * Detects the delimiter from the first rows: it occurs in the header, and most often the same number of times
 * in the rows below. Quoted text does not count. A header without any delimiter has one column.
 */
function delimiterOf(sample: string): Delimiter {
  const [header, ...rows] = countDelimiters(sample);
  let best: Delimiter = ',';
  let bestShare = -1;
  let bestCount = 0;
  for (const [index, delimiter] of candidates.entries()) {
    const count = header?.[index] ?? 0;
    if (count === 0) continue;
    const alike = rows.filter((row) => row[index] === count).length;
    const share = rows.length > 0 ? alike / rows.length : 1;
    if (share > bestShare || (share === bestShare && count > bestCount)) {
      best = delimiter;
      bestShare = share;
      bestCount = count;
    }
  }
  return best;
}

/** How often each delimiter occurs outside quotes, for each complete row with a value. */
function countDelimiters(sample: string): number[][] {
  const rows: number[][] = [];
  let row: number[] = [0, 0, 0, 0];
  let quoted = false;
  let blank = true;
  for (const char of sample) {
    if (char === '"') quoted = !quoted;
    if (quoted) continue;
    const index = candidates.indexOf(char as Delimiter);
    if (index >= 0) row[index] = (row[index] ?? 0) + 1;
    if (char !== '\n' && char !== '\r') {
      if (index < 0 && hasValue(char)) blank = false;
      continue;
    }
    if (!blank) rows.push(row);
    if (rows.length > rowsCompared) return rows;
    row = [0, 0, 0, 0];
    blank = true;
  }
  // A row that is cut off is no evidence, unless it is the only one.
  return rows.length > 0 || blank ? rows : [row];
}
