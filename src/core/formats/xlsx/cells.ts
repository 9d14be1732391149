import { fitsDouble, JsonNumber } from '../../json/number.ts';
import { typesOf, valueIn } from '../../json/shape.ts';
import { withNames } from '../columns.ts';
import type { Row } from '../rows.ts';
import { toText } from '../values.ts';
import { toCellText } from './cell-text.ts';
import { textType, typedCell } from './cell-types.ts';
import { headerStyle, wrappedStyle } from './parts.ts';
import { widestColumn } from './widths.ts';

/** The most that Excel allows in a cell, in UTF-16 units; Excel reports a file with more as damaged. */
export const maxCellChars = 32_767;

/** The names of columns: A, B, … Z, AA, … */
export function columnLetters(count: number): string[] {
  const letters: string[] = [];
  for (let index = 0; index < count; index++) {
    let name = '';
    for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1) {
      name = String.fromCharCode(65 + (rest % 26)) + name;
    }
    letters.push(name);
  }
  return letters;
}

/** Writes the XML of rows with fixed columns. */
export class RowWriter {
  readonly #columns: readonly string[];
  readonly #starts: readonly string[];

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#starts = columnLetters(columns.length).map((letters) => `<c r="${letters}`);
  }

  header(): string {
    const cells = withNames(this.#columns).map(
      (name, i) => `${this.#starts[i]}1" s="${headerStyle}" t="inlineStr"><is>${textOf(name)}</is></c>`,
    );
    return `<row r="1">${cells.join('')}</row>`;
  }

  /** Leaves out empty cells, but an otherwise empty row keeps the first so that it exists. */
  row(number: number, row: Row): string {
    let cells = '';
    const types = typesOf(row, this.#columns);
    for (let i = 0; i < this.#columns.length; i++) {
      const value = valueIn(row, this.#columns[i] ?? '');
      if (value === '' || value === null || value === undefined) continue;
      cells += `${this.#starts[i]}${number}${cellEnd(value, types?.[i])}`;
    }
    return `<row r="${number}">${cells || `<c r="A${number}" t="inlineStr"><is><t></t></is></c>`}</row>`;
  }
}

function cellEnd(value: unknown, type: string = textType): string {
  const typed = type !== textType && typeof value === 'string' ? typedCell(type, value) : undefined;
  if (typed !== undefined) return typed;
  // A spreadsheet would round any other number.
  if (value instanceof JsonNumber && fitsDouble(value)) return `"><v>${value}</v></c>`;
  if (typeof value === 'number' && Number.isFinite(value)) return `"><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `" t="b"><v>${value ? 1 : 0}</v></c>`;
  const text = typeof value === 'string' ? value : toText(value);
  const style = text.length > widestColumn || text.includes('\n') ? `" s="${wrappedStyle}` : '';
  return `${style}" t="inlineStr"><is>${textOf(text)}</is></c>`;
}

const textOf = (text: string) => `<t xml:space="preserve">${toCellText(fitting(text))}</t>`;

/** A text that is too long ends with a note of its length. */
function fitting(text: string): string {
  if (text.length <= maxCellChars) return text;
  const note = `… [cut, ${text.length} characters]`;
  return text.slice(0, maxCellChars - note.length) + note;
}
