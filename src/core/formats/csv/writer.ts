import type { ParsedWriteOptions } from '../options.ts';
import type { TextWriter } from '../text-writer.ts';
import { toText } from '../values.ts';

/** What a reader could take for something else: delimiters, quotes, row ends, and spaces that some readers trim. */
const needsQuotes = /[",;\t|\r\n]|^\s|\s$/;
/** The first characters of a file may tell its kind; these tell nothing. */
const harmlessStart = /^[A-Za-z0-9_]+$/;
/** What a spreadsheet runs (OWASP, CSV injection); a plain number is none. */
const formula = /^[=+\-@\t\r]/;
const plainNumber = /^[+-]?\d+(?:[.,]\d+)*$/;

/** RFC 4180, such that any reader, whatever it takes for a delimiter, finds the same cells. */
export function csvWriter(columns: readonly string[], options: ParsedWriteOptions): TextWriter {
  const { delimiter, newline, bom, escapeFormulas } = options;
  const [first = '', ...others] = columns;
  const header = [harmlessStart.test(first) ? first : quoted(first), ...others.map(inQuotes)];
  const cell = (value: unknown): string => {
    if (typeof value !== 'string') return inQuotes(toText(value));
    const escapes = escapeFormulas && formula.test(value) && !plainNumber.test(value);
    return inQuotes(escapes ? `'${value}` : value);
  };
  return {
    start: columns.length === 0 ? '' : `${bom ? '\ufeff' : ''}${header.join(delimiter)}${newline}`,
    row(row) {
      let line = '';
      for (let i = 0; i < columns.length; i++) {
        if (i > 0) line += delimiter;
        line += cell(row[columns[i] ?? '']);
      }
      // A row without a single character would be a blank line, which is no row.
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
