import { parseJson } from '../../json/text.ts';
import type { ReadRow, Row } from '../rows.ts';
import { hasValue } from '../values.ts';

/** Parses JSON into a row with the wanted names, or into the problem with it and the text itself. */
export function parseElement(row: number, json: string, rename: (row: Row) => Row): ReadRow {
  let value: unknown;
  try {
    value = parseJson(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { row, value: raw(json), problem: { code: 'JSON_INVALID', message: `Not valid JSON: ${reason}` } };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { row, value: rename(value as Row) };
  }
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  const message = `Expected a JSON object, but found ${kind}`;
  return { row, value: raw(json), problem: { code: 'NOT_AN_OBJECT', message } };
}

/** Whether none of the row's columns has a value. Objects and lists are values. */
export function isBlank({ value, problem }: ReadRow): boolean {
  if (problem) return false;
  for (const name in value) if (!isEmpty(value[name])) return false;
  return true;
}

const isEmpty = (value: unknown) => value === null || (typeof value === 'string' && !hasValue(value));

const raw = (json: string): Row => ({ raw: json.trim() });
