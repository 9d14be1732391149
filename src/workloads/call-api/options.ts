import * as z from 'zod';
import { SpillwayError } from '../../core/engine/errors.ts';
import { JsonNumber } from '../../core/json/number.ts';
import { parseJson } from '../../core/json/text.ts';
import { compileAddress } from './address.ts';
import { compileField, responseField } from './fields.ts';
import { headerNameProblem, headerValueProblem } from './headers.ts';
import { parseText } from './placeholder.ts';
import { compileTemplate } from './template.ts';
import { type UrlRules, urlProblem } from './url.ts';

const number = (min: number, max: number) => {
  const error = ({ input }: { input?: unknown }) =>
    `must be a number from ${min} to ${max}, but was ${String(input)}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};
const whole = (min: number, max: number) => {
  const error = ({ input }: { input?: unknown }) =>
    `must be a whole number from ${min} to ${max}, but was ${String(input)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];

const headers = z.record(z.string(), z.string()).superRefine((given, context) => {
  // The value may be a secret, so never quote it.
  for (const [name, value] of Object.entries(given)) {
    const problem = headerNameProblem(name) ?? headerValueProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: [name], message: problem });
    else check(context, [name], () => parseText(value));
  }
});

const template = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const query = z.record(z.string(), z.union([template, z.array(template)])).superRefine((given, context) => {
  for (const [name, values] of Object.entries(given))
    for (const value of [values].flat()) check(context, [name], () => parseText(value));
});

const bodyTemplate = z.unknown().transform((given, context) => {
  const text = typeof given === 'string' ? parsed(given) : { value: given };
  if (!text) {
    context.addIssue({
      code: 'custom',
      message: 'must be JSON, with placeholders inside strings: "{{column}}"',
    });
    return z.NEVER;
  }
  check(context, [], () => compileTemplate(text.value));
  return text.value;
});

const responseFields = z.record(z.string().min(1), responseField).superRefine((fields, context) => {
  for (const [column, field] of Object.entries(fields))
    check(context, [column], () => compileField(column, field, 'fail'));
});

/** What the options of an API may say, field by field. */
export function apiFields(rules: UrlRules) {
  return {
    /** Receives one request for each item. Placeholders may stand after the host. */
    url: z.string().superRefine((text, context) => {
      const problem = urlProblem(text, rules);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      else check(context, [], () => compileAddress(text));
    }),
    /** Default: POST with a body, otherwise GET. */
    method: z.enum(methods).exactOptional(),
    /** Added to the URL's own path, with placeholders: `/users/{{user_id}}`. */
    path: z
      .string()
      .superRefine((text, context) => check(context, [], () => compileAddress('https://host', text)))
      .exactOptional(),
    /** Parameters by name, with placeholders. A list repeats its name; an empty value leaves it out. */
    query: query.exactOptional(),
    /** A value may have placeholders, and refer to a secret of the workers: `Bearer ${ENV:CARDS_KEY}`. */
    headers: headers.default({}),
    /** The JSON to send, or that JSON as text, with `{{column}}` in its texts. */
    body_template: bodyTemplate.exactOptional(),
    /** How the body is sent. Default: as JSON. */
    body_format: z.enum(['json', 'form']).exactOptional(),
    /** A header that holds the item's own key, so that a request that comes twice has its effect once. */
    idempotency_header: z
      .string()
      .superRefine((name, context) => {
        const message = headerNameProblem(name);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .exactOptional(),
    /**
     * Whether sending a request twice does no harm. Default: true for GET, PUT and DELETE, and with an
     * `idempotency_header`.
     */
    repeatable: z.boolean().exactOptional(),
    /** Statuses from 400 to 499 that are answers too, such as a 404 of a look-up. */
    accept_statuses: z.array(whole(400, 499)).exactOptional(),
    /** Seconds for one attempt. */
    timeout: number(0.01, 600).default(30),
    /** Attempts after the first one. */
    retries: whole(0, 9).default(2),
    /** The API's documented rate, if any: all callers together never exceed it. */
    requests_per_second: number(0.001, 100_000).exactOptional(),
    /** Column of the output → where its value is in the answer. */
    response_fields: responseFields,
    /** What happens to an item whose answer lacks a field. */
    missing_fields: z.enum(['fail', 'empty']).default('fail'),
  };
}

export const processing = z.strictObject({
  /** Concurrent calls, all workers together; 1: one after the other. */
  max_workers: whole(1, 1_000).default(20),
  /** Makes fewer calls while the API slows down under them, or refuses. */
  adaptive: z.boolean().default(true),
  /** The run stops if more than this share of the most recent items failed. */
  max_error_rate: number(0, 0.99).default(0.05),
  error_window: whole(1, 10_000).default(500),
});

/** A job's options as they are recorded. */
export function callApiOptions(rules: UrlRules) {
  const fields = apiFields(rules);
  const api = z
    .strictObject({ ...fields, response_fields: responseFields.default({}) })
    .superRefine(({ method, body_template: body, body_format: format, ...rest }, context) => {
      const problem = (path: string, message: string) =>
        context.addIssue({ code: 'custom', path: [path], message });
      if (method === 'GET' && body !== undefined) problem('body_template', 'GET sends no body');
      if (format === 'form' && !isForm(body))
        problem('body_template', 'of a form must be an object of texts, numbers, booleans or lists of them');
      const { idempotency_header: key = '', headers } = rest;
      if (Object.keys(headers).some((name) => name.toLowerCase() === key.toLowerCase()))
        problem('idempotency_header', 'is among the headers too');
    });
  return z.strictObject({
    api,
    processing: processing.prefault({}),
    /** Column that names the item; files without it are refused. */
    id_column: z.string().min(1).exactOptional(),
  });
}

/** What the machinery of a call reads. Other workloads have options with fewer choices. */
export type CallOptions = z.output<ReturnType<typeof callApiOptions>>;

/** How fast items are asked about, and when the run gives up, is no part of a result. */
export function decisiveOptions({
  api,
  processing: _,
  ...others
}: Readonly<Record<string, unknown>>): unknown {
  if (typeof api !== 'object' || api === null) return { api, ...others };
  const { timeout: __, retries: ___, requests_per_second: ____, ...request } = api as Record<string, unknown>;
  return { api: request, ...others };
}

export function methodOf({ method, body_template: body }: CallOptions['api']): Method {
  return method ?? (body === undefined ? 'GET' : 'POST');
}

function isForm(body: unknown): boolean {
  const isField = (value: unknown) =>
    typeof value !== 'object' || value === null || value instanceof JsonNumber;
  return (
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    Object.values(body).every((value) => (Array.isArray(value) ? value.every(isField) : isField(value)))
  );
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: parseJson(text) };
  } catch {
    return undefined;
  }
}

function check(context: z.RefinementCtx, path: string[], parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof SpillwayError)) throw error;
    context.addIssue({ code: 'custom', path, message: error.message });
  }
}
