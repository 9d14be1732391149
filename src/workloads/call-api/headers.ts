import { ItemError } from '../../core/engine/errors.ts';
import { callErrors } from './call-errors.ts';
import { type Part, type Placeholder, parseText, type Row, unusable } from './placeholder.ts';
import { fillText, type Reveal } from './template.ts';

/** Headers that the connection itself sets. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'expect', 'upgrade'],
]);
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Why a header cannot be named so; undefined if it can. */
export function headerNameProblem(name: string): string | undefined {
  if (!headerName.test(name)) return 'is not a valid header name';
  return ownHeaders.has(name.toLowerCase()) ? 'is set by the connection' : undefined;
}

/** Why a header cannot hold this text; undefined if it can. Never quotes it: it may be a secret. */
export function headerValueProblem(value: string): string | undefined {
  return headerValue.test(value) ? undefined : 'has characters that a header cannot carry';
}

/** Headers for a row, by name in lower case. */
export interface HeaderTemplates {
  parts: readonly Part[];
  /** Throws an `ItemError` for a value that is missing, or that would break out of its header. */
  of(row: Row, reveal: Reveal): Record<string, string>;
}

/** Throws `TEMPLATE_INVALID` or `SECRET_INVALID`. */
export function compileHeaders(headers: Readonly<Record<string, string>>): HeaderTemplates {
  const all = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), parseText(value)] as const);
  return {
    parts: all.flatMap(([, parts]) => parts),
    of(row, reveal) {
      const fit: Reveal = (reference) => {
        const secret = reveal(reference);
        const problem = headerValueProblem(secret);
        if (problem === undefined) return secret;
        throw new ItemError(callErrors.SECRET_NOT_SET, `\${ENV:${reference.secret}} ${problem}`);
      };
      return Object.fromEntries(all.map(([name, parts]) => [name, fillText(parts, row, fit, fitting)]));
    },
  };
}

function fitting(text: string, { column }: Placeholder): string {
  const problem = headerValueProblem(text);
  if (problem === undefined) return text;
  throw unusable(column, problem);
}
