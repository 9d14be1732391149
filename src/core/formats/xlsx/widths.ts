import { valueIn } from '../../json/shape.ts';
import type { Row } from '../rows.ts';
import { toText } from '../values.ts';

/** Characters. A longer text is wrapped. */
export const widestColumn = 60;
const narrowestColumn = 8;
/** Room for the cell's margins. */
const margin = 2;

/** Widths that show the first rows, in characters. */
export function widthsOf(columns: readonly string[], rows: readonly Row[]): number[] {
  return columns.map((name) => {
    let longest = charsOf(name);
    for (const row of rows) longest = Math.max(longest, charsOf(toText(valueIn(row, name))));
    return Math.min(widestColumn, Math.max(narrowestColumn, longest + margin));
  });
}

/** East Asian characters are as wide as two others. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g;

/** The width of the longest line, as far as it counts. */
function charsOf(text: string): number {
  const lines = text.slice(0, 1_000).split('\n');
  return Math.max(...lines.map((line) => line.length + (line.match(wide)?.length ?? 0)));
}
