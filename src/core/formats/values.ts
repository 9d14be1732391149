import { toJson } from '../json/text.ts';

/** The text of a value in a table: empty for null and undefined, JSON for objects and lists. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toJSON() ?? '';
  return typeof value === 'object' ? toJson(value) : String(value);
}
