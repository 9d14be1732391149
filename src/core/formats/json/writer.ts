import type { Row } from '../rows.ts';
import type { TextWriter } from '../text-writer.ts';

/** Rows as they are, or with the columns asked for only. */
export function jsonLinesWriter(columns: readonly string[] | undefined): TextWriter {
  return { start: '', row: (row) => `${toJson(row, columns)}\n`, end: '' };
}

/** One element a line, for people who look at it. */
export function jsonArrayWriter(columns: readonly string[] | undefined): TextWriter {
  return { start: '[', row: (row, first) => `${first ? '\n' : ',\n'}${toJson(row, columns)}`, end: '\n]\n' };
}

function toJson(row: Row, columns: readonly string[] | undefined): string {
  return JSON.stringify(columns ? Object.fromEntries(columns.map((name) => [name, row[name]])) : row);
}
