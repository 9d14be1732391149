import { toJson } from '../json/text.ts';

/** The text of a value in a table: empty for null and undefined, JSON for objects and lists. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toJSON() ?? '';
  return typeof value === 'object' ? toJson(value) : String(value);
}

/**
 * Whether a text has any character to see. NULs and Ctrl-Z are what old programs fill files with; spaces and marks
 * without width are what web pages leave.
 */
export const hasValue = (text: string | undefined): boolean => text !== undefined && visible.test(text);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these two are no values
const visible = /[^\s\u0000\u001a\u200b-\u200f\u2060]/;
/** What old programs put at the end of a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these two are no values
export const padding = /[\u0000\u001a]+$/;
