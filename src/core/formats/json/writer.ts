import type { Row } from '../rows.ts';
import type { TextWriter } from '../text-writer.ts';

/** Writes rows unchanged, or only the requested columns. */
export function jsonLinesWriter(columns: readonly string[] | undefined): TextWriter {
  return { start: '', row: (row) => `${toJson(row, columns)}\n`, end: '' };
}

/** Writes one element per line, so that people can read it. */
export function jsonArrayWriter(columns: readonly string[] | undefined): TextWriter {
  return { start: '[', row: (row, first) => `${first ? '\n' : ',\n'}${toJson(row, columns)}`, end: '\n]\n' };
}

function toJson(row: Row, columns: readonly string[] | undefined): string {
  return JSON.stringify(columns ? Object.fromEntries(columns.map((name) => [name, row[name]])) : row);
}
