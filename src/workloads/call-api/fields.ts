import * as z from 'zod';
import { ItemError } from '../../core/engine/errors.ts';
import type { Answer } from '../../core/http/verdict.ts';
import { callErrors } from './call-errors.ts';
import { parsePath, valueAt } from './paths.ts';

const missing = z.enum(['fail', 'empty']).exactOptional();

/** Where a column's value is in an answer: a path into its JSON, a header, or its status. */
export const responseField = z.union([
  z.string(),
  z.strictObject({ path: z.string(), missing }),
  z.strictObject({ header: z.string().min(1), missing }),
  z.strictObject({ status: z.literal(true) }),
]);

export type ResponseField = z.output<typeof responseField>;

/** Reads a column's value from an answer. Throws `FIELD_MISSING`. */
export type FieldReader = (answer: Answer) => unknown;

/** `otherwise`: what to do about a missing field that does not say it itself. Throws `PATH_INVALID`. */
export function compileField(column: string, field: ResponseField, otherwise: 'fail' | 'empty'): FieldReader {
  if (typeof field === 'object' && 'status' in field) return ({ status }) => status;
  const { missing = otherwise } = typeof field === 'string' ? {} : field;
  const none = (what: string): unknown => {
    if (missing === 'empty') return '';
    const message = `The answer has no ${what} for column "${column}"`;
    throw new ItemError(callErrors.FIELD_MISSING, message, { details: { column } });
  };
  if (typeof field === 'object' && 'header' in field) {
    const name = field.header.toLowerCase();
    return ({ headers }) => headers[name] ?? none(`header ${field.header}`);
  }
  const text = typeof field === 'string' ? field : field.path;
  const path = parsePath(text);
  return ({ body }) => {
    const value = valueAt(body, path);
    return value === undefined ? none(text) : (value ?? '');
  };
}
