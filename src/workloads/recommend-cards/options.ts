import * as z from 'zod';
import { SpillwayError } from '../../core/engine/errors.ts';
import { parseJson } from '../../core/json/text.ts';
import { parsePath } from './paths.ts';
import { checkReferences } from './secrets.ts';
import { compileTemplate } from './template.ts';

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

/** `sandbox://cards/recommendations`: the project's stand-in for such an API, on one machine. */
export const standInProtocol = 'sandbox:';
export const standIn = 'cards';

/** Headers that the connection itself sets. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'expect', 'upgrade'],
]);
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const headers = z.record(z.string(), z.string()).superRefine((given, context) => {
  // The value may be a secret, so never quote it.
  for (const [name, value] of Object.entries(given)) {
    const problem = (message: string) => context.addIssue({ code: 'custom', path: [name], message });
    if (!headerName.test(name)) problem('is not a valid header name');
    else if (ownHeaders.has(name.toLowerCase())) problem('is set by the connection');
    else if (!headerValue.test(value)) problem('has characters that a header cannot carry');
    else check(context, [name], () => checkReferences(value));
  }
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

const responseField = z.union([
  z.string(),
  z.strictObject({ path: z.string(), missing: z.enum(['fail', 'empty']).optional() }),
]);

const api = (url: z.ZodType<string>) =>
  z.strictObject({
    /** Receives one POST for each user. */
    url,
    /** A value may refer to a secret of the workers: `Bearer ${ENV:CARDS_KEY}`. */
    headers: headers.default({}),
    /** The JSON to send, or that JSON as text, with `{{column}}` in its texts. */
    body_template: bodyTemplate,
    /** Seconds for one attempt. */
    timeout: number(0.01, 600).default(30),
    /** Attempts after the first one. */
    retries: whole(0, 9).default(2),
    /** The API's documented rate, if any: all callers together never exceed it. */
    requests_per_second: number(0.001, 100_000).optional(),
    /** Column of the output → where its value is in the answer. */
    response_fields: z.record(z.string().min(1), responseField).superRefine((fields, context) => {
      if (Object.keys(fields).length === 0)
        context.addIssue({ code: 'custom', message: 'must name at least one column' });
      for (const [column, field] of Object.entries(fields)) {
        check(context, [column], () => parsePath(typeof field === 'string' ? field : field.path));
      }
    }),
    /** What happens to a user whose answer lacks a field. */
    missing_fields: z.enum(['fail', 'empty']).default('fail'),
  });

const processing = z.strictObject({
  /** Concurrent calls, all workers together; 1: one after the other. */
  max_workers: whole(1, 1_000).default(20),
  /** Makes fewer calls while the API slows down under them, or refuses. */
  adaptive: z.boolean().default(true),
  /** The run stops if more than this share of the most recent users failed. */
  max_error_rate: number(0, 0.99).default(0.05),
  error_window: whole(1, 10_000).default(500),
});

/** A job's options as they are recorded. `allowHttp`: for local use. */
export function cardOptions(allowHttp: boolean) {
  const url = z.string().superRefine((text, context) => {
    const problem = urlProblem(text, allowHttp);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
  return z.strictObject({
    api: api(url),
    processing: processing.prefault({}),
    /** Column that names the user. */
    id_column: z.string().min(1).default('user_id'),
  });
}

export type CardOptions = z.output<ReturnType<typeof cardOptions>>;

function urlProblem(text: string, allowHttp: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  if (url.protocol === standInProtocol) {
    return url.host === standIn ? undefined : `must begin with ${standInProtocol}//${standIn}/ or https://`;
  }
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
    return `must begin with https://${allowHttp ? ' or http://' : ''}`;
  }
  if (url.username !== '' || url.password !== '') return 'must not contain credentials: use a header';
  if (text.includes('{{') || text.includes('${')) return 'must not contain placeholders';
  return undefined;
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
