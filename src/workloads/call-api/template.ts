import { SpillwayError } from '../../core/engine/errors.ts';
import { JsonNumber } from '../../core/json/number.ts';
import { fromMembers, type Named, namesOf } from '../../core/json/shape.ts';
import { callErrors } from './call-errors.ts';
import {
  columnsOfText,
  isPlaceholder,
  type Part,
  type Placeholder,
  parseText,
  type Row,
  textOf,
  valueFor,
} from './placeholder.ts';
import type { SecretReference } from './secrets.ts';

/** Looks up a secret for the call under way. */
export type Reveal = (reference: SecretReference) => string;

const noSecrets: Reveal = ({ secret }) => {
  throw new SpillwayError(callErrors.SECRET_INVALID, `\${ENV:${secret}} cannot stand here`);
};

/** Makes the JSON value for a row. Throws an `ItemError` that names the missing or wrong column. */
export type Template = (row: Row, reveal?: Reveal) => unknown;

const deepest = 50;

/**
 * A JSON value whose texts hold `{{column}}` and references to secrets. Columns are inserted as values, never as text,
 * so no cell can break out of its place. A text that consists of one placeholder becomes the column's value, with its
 * type; in a longer text the value becomes text.
 *
 * Throws `TEMPLATE_INVALID` for a malformed placeholder, or for one in a member's name, and `SECRET_INVALID`.
 */
export function compileTemplate(value: unknown, depth = 0): Template {
  if (depth > deepest)
    throw new SpillwayError(callErrors.TEMPLATE_INVALID, `It is nested more than ${deepest} levels deep`);
  if (typeof value === 'string') return compileText(parseText(value));
  if (Array.isArray(value)) {
    const elements = value.map((one) => compileTemplate(one, depth + 1));
    return (row, reveal) => elements.map((element) => element(row, reveal));
  }
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return () => value;
  const members = namesOf(value).map((name) => {
    if (name.includes('{{'))
      throw new SpillwayError(callErrors.TEMPLATE_INVALID, `The name "${name}" contains a placeholder`);
    return [name, compileTemplate((value as Named)[name], depth + 1)] as const;
  });
  return (row, reveal) => fromMembers(members.map(([name, member]) => [name, member(row, reveal)]));
}

/** The columns that a template requires: those of its placeholders without a default. */
export function columnsOf(value: unknown): string[] {
  if (typeof value === 'object') return Object.values(value ?? {}).flatMap(columnsOf);
  return typeof value === 'string' ? columnsOfText(parseText(value)) : [];
}

/** The text of a template for a row. `inserted`: how a column's value is written there. */
export function fillText(
  parts: readonly Part[],
  row: Row,
  reveal: Reveal = noSecrets,
  inserted: (text: string, placeholder: Placeholder) => string = (text) => text,
): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      return isPlaceholder(part) ? inserted(textOf(valueFor(part, row)), part) : reveal(part);
    })
    .join('');
}

function compileText(parts: readonly Part[]): Template {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && isPlaceholder(only)) return (row) => valueFor(only, row);
  return (row, reveal) => fillText(parts, row, reveal);
}
