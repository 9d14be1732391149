import { type Delimiter, delimiters } from '../format.ts';

/** In order of preference if nothing else decides: the comma comes last, because ordinary text contains it too. */
const candidates = ['\t', '|', ';', ','] as const satisfies Delimiter[];

/** Sample rows that are compared with the header. */
const rowsCompared = 100;

/** The line that tells Excel the delimiter. It is not a row. */
const excelHint = /^sep=([,;\t|])\r?\n/;

export interface Dialect {
  delimiter: Delimiter;
  /** Characters to skip before the header. */
  skip: number;
}

/**
 * Detects the delimiter from the first rows: it occurs in the header, and most often the same number of times
 * in the rows below. Quoted text does not count. A header without any delimiter has one column.
 */
export function detectDialect(sample: string): Dialect {
  const hint = excelHint.exec(sample);
  const hinted = delimiters.find((delimiter) => delimiter === hint?.[1]);
  if (hint && hinted) return { delimiter: hinted, skip: hint[0].length };
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
  return { delimiter: best, skip: 0 };
}

/** How often each delimiter occurs outside quotes, for each complete row. */
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
      blank = false;
    } else if (!blank) {
      rows.push(row);
      if (rows.length > rowsCompared) return rows;
      row = [0, 0, 0, 0];
      blank = true;
    }
  }
  // A row that is cut off is no evidence, unless it is the only one.
  return rows.length > 0 || blank ? rows : [row];
}
