import { fromMembers, valueIn } from '../../json/shape.ts';
import { toJson } from '../../json/text.ts';
import type { Row } from '../rows.ts';
import type { TextWriter } from '../text-writer.ts';

/** Writes rows unchanged, or only the requested columns. */
export function jsonLinesWriter(columns: readonly string[] | undefined): TextWriter {
  return { start: '', row: (row) => `${rowText(row, columns)}\n`, end: '' };
}

/** Writes one element per line, so that people can read it. */
export function jsonArrayWriter(columns: readonly string[] | undefined): TextWriter {
  return { start: '[', row: (row, first) => `${first ? '\n' : ',\n'}${rowText(row, columns)}`, end: '\n]\n' };
}

function rowText(row: Row, columns: readonly string[] | undefined): string {
  return toJson(columns ? fromMembers(columns.map((name) => [name, valueIn(row, name)])) : row);
}
