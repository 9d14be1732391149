import type { Delimiter } from '../format.ts';

const quote = 34;
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const tab = 9;
/** What word processors and Japanese keyboards write. */
const noBreakSpace = 0xa0;
const wideSpace = 0x3000;

/**
 * Reads row by row: RFC 4180, with CRLF, LF or CR at a row's end. A quote inside a cell that does not begin
 * with a quote is an ordinary character. After each row, `cells` and the two fields below it describe that
 * row.
 */
export class CsvScanner {
  cells: string[] = [];
  /**
   * The first cell with text after its closing quote, counted from 0; such cells stay as written. Undefined
   * if there is none.
   */
  strayText: number | undefined;
  /** The first cell with blanks before a quote that was meant to open it, counted from 0. */
  strayBlank: number | undefined;
  /** Whether the row has no characters at all. */
  blank = false;
  /**
   * Set when {@link read} reaches the end of the text too early: offset of the last cell, and whether a quote
   * is open in it.
   */
  open = { start: 0, quoted: false };
  readonly #delimiter: number;

  constructor(delimiter: Delimiter) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /**
   * Reads the row that begins at `from`. Returns where the next one begins, or -1 if this one may continue
   * after the text (see `open`). With the `last` text, only an open quote leads to -1.
   */
  read(text: string, from: number, last: boolean): number {
    const cells: string[] = [];
    this.cells = cells;
    this.strayText = undefined;
    this.strayBlank = undefined;
    this.blank = false;
    for (let at = from; ; at++) {
      const start = at;
      let value: string | undefined;
      if (text.charCodeAt(at) === quote) {
        const closing = this.#closingQuote(text, at, last);
        if (closing < 0) return this.#openAt(start, true);
        value = unquoted(text.slice(at + 1, closing));
        at = closing + 1;
      }
      const rest = at;
      at = this.#cellEnd(text, at);
      if (at === text.length && !last) return this.#openAt(start, false);
      if (value === undefined) {
        value = text.slice(start, at);
        const first = value.charCodeAt(0);
        if (isBlank(first) && blankBeforeQuote(value)) this.strayBlank ??= cells.length;
      } else if (at > rest) {
        this.strayText ??= cells.length;
        value = text.slice(start, at);
      }
      cells.push(value);
      if (text.charCodeAt(at) === this.#delimiter) continue;
      this.blank = at === from;
      if (text.charCodeAt(at) !== carriageReturn) return Math.min(at + 1, text.length);
      if (at + 1 === text.length && !last) return this.#openAt(start, false);
      return text.charCodeAt(at + 1) === lineFeed ? at + 2 : at + 1;
    }
  }

  #openAt(start: number, quoted: boolean): -1 {
    this.open = { start, quoted };
    return -1;
  }

  /** A quote at the very end of the text may be the first of a pair. */
  #closingQuote(text: string, opening: number, last: boolean): number {
    let at = opening + 1;
    for (;;) {
      const found = text.indexOf('"', at);
      if (found < 0 || (found + 1 === text.length && !last)) return -1;
      if (text.charCodeAt(found + 1) !== quote) return found;
      at = found + 2;
    }
  }

  #cellEnd(text: string, from: number): number {
    const delimiter = this.#delimiter;
    const length = text.length;
    let at = from;
    while (at < length) {
      const char = text.charCodeAt(at);
      if (char === delimiter || char === lineFeed || char === carriageReturn) break;
      at++;
    }
    return at;
  }
}

const isBlank = (char: number) =>
  char === space || char === tab || char === noBreakSpace || char === wideSpace;

/** Whether a quote after blanks would have opened the cell: it is closed at the end, or not within the cell. */
function blankBeforeQuote(cell: string): boolean {
  const text = cell.trim();
  if (!text.startsWith('"') || text.length < 2) return false;
  return text.endsWith('"') || text.split('"').length % 2 === 0;
}

function unquoted(text: string): string {
  return text.includes('"') ? text.replaceAll('""', '"') : text;
}
