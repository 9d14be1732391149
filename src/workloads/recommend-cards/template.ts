import { SpillwayError } from '../../core/engine/errors.ts';
import { JsonNumber } from '../../core/json/number.ts';
import { fromMembers, namesOf } from '../../core/json/shape.ts';
import { cardErrors } from './card-errors.ts';
import { type Placeholder, parseText, textOf, valueFor } from './placeholder.ts';

type Row = Readonly<Record<string, unknown>>;

/** Makes the JSON value for a row. Throws an `ItemError` that names the missing or wrong column. */
export type Template = (row: Row) => unknown;

const deepest = 50;

/**
 * A JSON value whose texts hold `{{column}}`. Columns are inserted as values, never as text, so no cell can break
 * out of its place. A text that consists of one placeholder becomes the column's value, with its type; in a longer
 * text the value becomes text.
 *
 * Throws `TEMPLATE_INVALID` for a malformed placeholder, or for one in a member's name.
 */
export function compileTemplate(value: unknown, depth = 0): Template {
  if (depth > deepest)
    throw new SpillwayError(cardErrors.TEMPLATE_INVALID, `It is nested more than ${deepest} levels deep`);
  if (typeof value === 'string') return compileText(parseText(value));
  if (Array.isArray(value)) {
    const elements = value.map((one) => compileTemplate(one, depth + 1));
    return (row) => elements.map((element) => element(row));
  }
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return () => value;
  const members = namesOf(value).map((name) => {
    if (name.includes('{{'))
      throw new SpillwayError(cardErrors.TEMPLATE_INVALID, `The name "${name}" contains a placeholder`);
    return [name, compileTemplate((value as Row)[name], depth + 1)] as const;
  });
  return (row) => fromMembers(members.map(([name, member]) => [name, member(row)]));
}

/** The columns that a template requires: those of its placeholders without a default. */
export function columnsOf(value: unknown): string[] {
  if (typeof value === 'object') return Object.values(value ?? {}).flatMap(columnsOf);
  const parts = typeof value === 'string' ? parseText(value) : [];
  return parts.flatMap((part) =>
    typeof part === 'object' && part.fallback === undefined ? [part.column] : [],
  );
}

function compileText(parts: readonly (string | Placeholder)[]): Template {
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'object') return (row) => valueFor(only, row);
  return (row) =>
    parts.map((part) => (typeof part === 'string' ? part : textOf(valueFor(part, row)))).join('');
}
