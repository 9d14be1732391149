import { valueIn } from '../../json/shape.ts';
import { withNames } from '../columns.ts';
import type { ParsedWriteOptions } from '../options.ts';
import type { TextWriter } from '../text-writer.ts';
import { toText } from '../values.ts';

/** What a reader could misread: delimiters, quotes, row ends, and spaces that some readers trim. */
const needsQuotes = /[",;\t|\r\n]|^\s|\s$/;
/** A file's first characters can reveal its kind; these reveal nothing. */
const harmlessStart = /^[A-Za-z0-9_]+$/;
/** What a spreadsheet may run as a formula (OWASP, CSV injection). A plain number is not one. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
const plainNumber = /^[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:e[+-]?\d+)?%?$/i;

/** RFC 4180, written so that any reader finds the same cells, with any delimiter it assumes. */
export function csvWriter(columns: readonly string[], options: ParsedWriteOptions): TextWriter {
  const { delimiter, newline, bom, escapeFormulas } = options;
  const harmless = (text: string) =>
    escapeFormulas && formula.test(text) && !plainNumber.test(text) ? `'${text}` : text;
  const [first = '', ...others] = withNames(columns).map(harmless);
  const header = [harmlessStart.test(first) ? first : quoted(first), ...others.map(inQuotes)];
  const cell = (value: unknown) => inQuotes(typeof value === 'string' ? harmless(value) : toText(value));
  return {
    start: columns.length === 0 ? '' : `${bom ? '\ufeff' : ''}${header.join(delimiter)}${newline}`,
    row(row) {
      let line = '';
      for (let i = 0; i < columns.length; i++) {
        if (i > 0) line += delimiter;
        line += cell(valueIn(row, columns[i] ?? ''));
      }
      // A row without characters would be a blank line, which does not count as a row.
      return (line === '' ? '""' : line) + newline;
    },
    end: '',
  };
}

function inQuotes(text: string): string {
  return needsQuotes.test(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
