import { ItemError, SpillwayError } from '../../core/engine/errors.ts';
import { fitsDouble, JsonNumber, jsonNumber } from '../../core/json/number.ts';
import { parseJson, toJson } from '../../core/json/text.ts';
import { callErrors } from './call-errors.ts';
import { type SecretReference, splitReferences } from './secrets.ts';

const types = ['text', 'number', 'integer', 'boolean', 'json'] as const;

/** `{{column}}`, `{{column:type}}`, `{{column=default}}` or `{{column:type=default}}`. */
export interface Placeholder {
  column: string;
  /** Default: the value's type in the row, which is text in CSV and XLSX. */
  type?: (typeof types)[number];
  /** Replaces an empty cell. Without it the row fails. */
  fallback?: string;
}

/** A fixed piece of a template's text, or what is filled in there. */
export type Part = string | Placeholder | SecretReference;

export type Row = Readonly<Record<string, unknown>>;

const pattern = /\{\{\s*([^{}:=]+?)\s*(?::\s*([^{}=]*?)\s*)?(?:=([^{}]*))?\}\}/g;

/**
 * Splits a text into fixed pieces, placeholders and references to secrets. Throws `TEMPLATE_INVALID`, quoting the text,
 * or `SECRET_INVALID`.
 */
export function parseText(text: string): Part[] {
  const invalid = (why: string) => new SpillwayError(callErrors.TEMPLATE_INVALID, `In "${text}": ${why}`);
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    const [whole, column = '', name, fallback] = found;
    const type = types.find((one) => one === name);
    if (name !== undefined && type === undefined) {
      throw invalid(`there is no type "${name}"; available: ${types.join(', ')}`);
    }
    if (found.index > end) parts.push(text.slice(end, found.index));
    parts.push({ column, ...(type && { type }), ...(fallback !== undefined && { fallback }) });
    end = found.index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  const open = parts.find((part) => typeof part === 'string' && part.includes('{{'));
  if (open !== undefined)
    throw invalid('a placeholder is {{column}}, {{column:type}} or {{column:type=default}}');
  return parts.flatMap((part): Part[] => (typeof part === 'string' ? splitReferences(part) : [part]));
}

export const isPlaceholder = (part: Part): part is Placeholder =>
  typeof part === 'object' && 'column' in part;

/** The columns that a text requires: those of its placeholders without a default. */
export function columnsOfText(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => (isPlaceholder(part) && part.fallback === undefined ? [part.column] : []));
}

/** A row's value for a placeholder. Throws an `ItemError` with `MISSING_VALUE` or `INVALID_VALUE`, naming the column. */
export function valueFor({ column, type, fallback }: Placeholder, row: Row): unknown {
  const given = Object.hasOwn(row, column) ? row[column] : undefined;
  const value = isEmpty(given) ? fallback : given;
  if (value === undefined) {
    const what = given === undefined ? `The row has no column "${column}"` : `Column "${column}" is empty`;
    throw new ItemError(callErrors.MISSING_VALUE, what, { details: { column } });
  }
  if (type === undefined) return value;
  const converted = conversions[type](value);
  if (converted !== undefined) return converted;
  throw unusable(column, `must be ${names[type]}, but is ${quote(value)}`);
}

/** An `ItemError` with `INVALID_VALUE` that says why a column's value cannot be sent. */
export function unusable(column: string, why: string): ItemError {
  return new ItemError(callErrors.INVALID_VALUE, `Column "${column}" ${why}`, { details: { column } });
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

export function textOf(value: unknown): string {
  return typeof value === 'object' ? toJson(value) : String(value);
}

/** Each returns undefined if the value cannot be converted. */
const conversions: Record<(typeof types)[number], (value: unknown) => unknown> = {
  text: textOf,
  number: (value) => numberOf(value),
  integer: (value) => {
    const number = numberOf(value);
    const whole = number instanceof JsonNumber && fitsDouble(number) ? number.valueOf() : number;
    return whole !== undefined && /^-?\d+$/.test(String(whole)) ? whole : undefined;
  },
  boolean: (value) => {
    const text = textOf(value).trim().toLowerCase();
    if (['true', 'yes', '1'].includes(text)) return true;
    return ['false', 'no', '0'].includes(text) ? false : undefined;
  },
  json: (value) => {
    if (typeof value !== 'string') return value;
    try {
      return parseJson(value);
    } catch {
      return undefined;
    }
  },
};

const names = {
  text: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  json: 'JSON',
};

/** Plain numbers only: no blanks, no separators, no hexadecimal. Keeps their digits, as `1.10`. */
function numberOf(value: unknown): number | JsonNumber | undefined {
  if (value instanceof JsonNumber) return value;
  const [, sign, whole, fraction, exponent = ''] = plain.exec(textOf(value).trim()) ?? [];
  if (whole === undefined) return undefined;
  // JSON has neither a plus, nor zeros in front, nor a bare point.
  const digits = `${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction ? `.${fraction}` : ''}`;
  const number = jsonNumber(`${sign === '-' ? '-' : ''}${digits}${exponent}`);
  return Number.isFinite(number.valueOf()) ? number : undefined;
}
const plain = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(e[+-]?\d+)?$/i;

function quote(value: unknown): string {
  const text = textOf(value);
  return JSON.stringify(text.length > 50 ? `${text.slice(0, 50)}…` : text);
}
