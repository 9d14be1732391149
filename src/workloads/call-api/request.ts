import type { Call } from '../../core/http/request.ts';
import { type Named, namesOf } from '../../core/json/shape.ts';
import { compileAddress } from './address.ts';
import { compileHeaders } from './headers.ts';
import { type CallOptions, methodOf } from './options.ts';
import { columnsOfText, type Row, textOf } from './placeholder.ts';
import { resolveSecret, type Secrets } from './secrets.ts';
import { columnsOf, compileTemplate, type Reveal } from './template.ts';

/** What of a call the options and the row say. */
export type RowRequest = Required<Pick<Call, 'method' | 'path' | 'headers' | 'secrets'>> &
  Pick<Call, 'json' | 'raw'>;

/** Whose request it is. */
export interface Sender {
  tenant: string;
  /** Names the item in the header that the options ask for. */
  idempotencyKey: string;
}

/** How the options make requests. */
export interface RequestTemplate {
  /** The columns that every row must have. */
  columns: readonly string[];
  /** What the URL begins with, up to its path. */
  origin: string;
  /** Throws an `ItemError` that names the column, or the secret that is not set. */
  of(row: Row, sender: Sender, secrets: Secrets): RowRequest;
}

/** Throws `TEMPLATE_INVALID` or `SECRET_INVALID`. */
export function compileRequest(api: CallOptions['api']): RequestTemplate {
  const { body_template: template, body_format: format = 'json', idempotency_header: keyHeader } = api;
  const address = compileAddress(api.url, api.path, api.query);
  const headers = compileHeaders(api.headers);
  const body = template === undefined ? undefined : compileTemplate(template);
  return {
    columns: [...columnsOf(template), ...columnsOfText([...address.parts, ...headers.parts])],
    origin: address.origin,
    of(row, { tenant, idempotencyKey }, secrets) {
      const told = new Set<string>();
      const reveal: Reveal = (reference) => {
        const secret = resolveSecret(reference, tenant, secrets);
        // Errors of an upstream may quote a URL as it was written.
        told.add(secret).add(encodeURIComponent(secret.toWellFormed()));
        return secret;
      };
      const value = body?.(row, reveal);
      return {
        method: methodOf(api),
        path: address.pathOf(row, reveal),
        headers: {
          ...headers.of(row, reveal),
          ...(keyHeader !== undefined && { [keyHeader.toLowerCase()]: idempotencyKey }),
        },
        ...(body && (format === 'form' ? { raw: formOf(value) } : { json: value })),
        secrets: [...told],
      };
    },
  };
}

/** A list repeats its field's name; `null` leaves the field out. */
function formOf(value: unknown): NonNullable<Call['raw']> {
  const given: Named = Object(value);
  const fields = namesOf(given).flatMap((name) =>
    [given[name]].flat().flatMap((one): [string, string][] => (one === null ? [] : [[name, textOf(one)]])),
  );
  return {
    type: 'application/x-www-form-urlencoded',
    content: new URLSearchParams(fields).toString(),
  };
}
