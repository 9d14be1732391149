import { xlsxMaxColumns } from '../columns.ts';
import { FileError } from '../file-error.ts';
import type { RowProblemCode } from '../rows.ts';
import { fromCellText } from './cell-text.ts';
import { booleanType, type CellType, longNumber, numberType, textType } from './cell-types.ts';
import { isoOf } from './dates.ts';
import { damaged, type Package } from './package.ts';
import type { NumberKind } from './styles.ts';
import { type Attributes, parseXml, type XmlVisitor } from './xml.ts';

/** A row with any content. */
export interface SheetRow {
  row: number;
  /** Text by column; holes and `undefined` are cells without a value. */
  cells: (string | undefined)[];
  /** What the cells hold, by column; holes are texts. */
  types: CellType[];
  chars: number;
  /** The first cell without a usable value; `column` counts from 0. */
  problem?: { code: RowProblemCode; message: string; column: number };
}

/** What cells refer to. */
export interface SheetContext {
  sharedStrings: readonly string[];
  numberStyles: readonly (NumberKind | undefined)[];
  date1904: boolean;
}

/** Reads the rows of a sheet, as many at a time as one chunk holds. */
export async function* readSheet(
  parts: Package,
  path: string,
  context: SheetContext,
  maxCellChars: number,
): AsyncGenerator<SheetRow[], void, void> {
  const visitor = new SheetVisitor(context, maxCellChars);
  const steps = parseXml(await parts.open(path), visitor, maxCellChars);
  for await (const _ of steps) {
    if (visitor.rows.length > 0) yield visitor.rows.splice(0);
  }
}

class SheetVisitor implements XmlVisitor {
  readonly rows: SheetRow[] = [];
  readonly #context: SheetContext;
  readonly #maxCellChars: number;
  #row: SheetRow = { row: 0, cells: [], types: [], chars: 0 };
  #column = -1;
  #type = '';
  #style = 0;
  #value = '';
  /** What the value turned out to be. */
  #found: CellType = textType;
  #has = { value: false, inline: false, formula: false };
  #collects = false;
  #phonetic = false;

  constructor(context: SheetContext, maxCellChars: number) {
    this.#context = context;
    this.#maxCellChars = maxCellChars;
  }

  open(name: string, attributes: Attributes): void {
    switch (name) {
      case 'row':
        this.#row = { row: Number(attributes.r ?? this.#row.row + 1), cells: [], types: [], chars: 0 };
        this.#column = -1;
        break;
      case 'c':
        this.#column = attributes.r ? columnOf(attributes.r) : this.#column + 1;
        if (!(this.#column >= 0 && this.#column < xlsxMaxColumns)) throw damaged(undefined);
        this.#type = attributes.t ?? 'n';
        this.#style = Number(attributes.s ?? 0);
        this.#value = '';
        this.#has = { value: false, inline: false, formula: false };
        break;
      case 'v':
        this.#has.value = true;
        // Some writers leave a value beside the text that counts.
        this.#collects = this.#type !== 'inlineStr';
        break;
      case 'is':
        this.#has.inline = true;
        break;
      case 'f':
        this.#has.formula = true;
        break;
      case 'rPh':
        this.#phonetic = true;
        break;
      case 't':
        this.#collects = !this.#phonetic;
    }
  }

  text(text: string): void {
    if (this.#collects) this.#value += text;
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#collects = false;
    else if (name === 'rPh') this.#phonetic = false;
    else if (name === 'c') this.#endCell();
    else if (name === 'row' && this.#row.cells.length > 0) this.rows.push(this.#row);
  }

  #endCell(): void {
    const { value, inline, formula } = this.#has;
    // Some writers leave an empty value, which only a formula of text may have.
    if (formula && (!value || (this.#value === '' && this.#type !== 'str'))) {
      this.#problem('FORMULA_NOT_CALCULATED', 'The formula has no value: open and save the file in Excel');
    }
    this.#found = textType;
    const text = this.#text();
    const { row } = this.#row;
    if (text.length > this.#maxCellChars) {
      throw new FileError(
        'CELL_TOO_LARGE',
        `Row ${row}, column ${this.#column + 1} has more than ${this.#maxCellChars} characters`,
        { row, column: this.#column + 1, maxChars: this.#maxCellChars },
      );
    }
    // Formats, and formulas that show nothing, are not values; an empty string that someone wrote is.
    if (text === '' && !inline) return;
    this.#row.cells[this.#column] = text;
    if (this.#found !== textType) this.#row.types[this.#column] = this.#found;
    this.#row.chars += text.length;
  }

  #text(): string {
    const value = this.#value;
    switch (this.#type) {
      case 's': {
        if (value === '') return '';
        const shared = this.#context.sharedStrings[Number(value)];
        if (shared === undefined) throw damaged(undefined);
        return shared;
      }
      case 'inlineStr':
      case 'str':
        return fromCellText(value);
      case 'b':
        if (value !== '') this.#found = booleanType;
        return value === '1' || value === 'true' ? 'TRUE' : value === '' ? '' : 'FALSE';
      case 'e':
        this.#problem('CELL_ERROR', `The cell shows ${value}`);
        return value;
      case 'd':
        this.#found = numberType(value.includes('T') ? 'datetime' : value.includes(':') ? 'time' : 'date');
        return value;
      default:
        return this.#number(value);
    }
  }

  #number(text: string): string {
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) return text;
    const kind = this.#context.numberStyles[this.#style];
    this.#found = numberType(kind);
    if (kind === undefined && longNumber.test(text)) return text;
    if (kind === undefined || kind === 'percent' || kind === 'exactPercent') return String(value);
    const date = isoOf(value, kind, this.#context.date1904);
    if (date === undefined) this.#found = numberType(undefined);
    return date ?? String(value);
  }

  #problem(code: RowProblemCode, message: string): void {
    this.#row.problem ??= { code, message, column: this.#column };
    // Keeps a row that has no other content.
    this.#row.cells[this.#column] ??= '';
  }
}

/** Counts from 0: `A1` is 0, `AA7` is 26. */
function columnOf(reference: string): number {
  let column = 0;
  for (let i = 0; i < reference.length; i++) {
    const letter = reference.charCodeAt(i) & ~32;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
  }
  return column - 1;
}
