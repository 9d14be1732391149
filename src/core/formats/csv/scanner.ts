import type { Delimiter } from '../format.ts';

const quote = 34;
const lineFeed = 10;
const carriageReturn = 13;

/**
 * Reads one row after the other: RFC 4180, with any of CRLF, LF and CR at a row's end. A quote within a cell that does
 * not begin with one is a character like any other. After a row `cells` and the two fields below it are of that row.
 */
export class CsvScanner {
  cells: string[] = [];
  /** From 0, of the first cell with text after its closing quote: such cells stay as they stand. Undefined where all is well. */
  strayText: number | undefined;
  /** A row without a single character. */
  blank = false;
  /** Where {@link read} found the text to end too early: offset of the last cell, and whether a quote is open in it. */
  open = { start: 0, quoted: false };
  readonly #delimiter: number;

  constructor(delimiter: Delimiter) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /**
   * Reads the row that begins at `from`; returns where the next one begins, or -1 when this one may go on after the
   * text (see `open`). At the `last` text only an open quote makes it so.
   */
  read(text: string, from: number, last: boolean): number {
    const cells: string[] = [];
    this.cells = cells;
    this.strayText = undefined;
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

  /** A quote at the very end of the text may be the first of two. */
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

function unquoted(text: string): string {
  return text.includes('"') ? text.replaceAll('""', '"') : text;
}
