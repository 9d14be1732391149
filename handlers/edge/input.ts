import { type ZodError, ZodObject, type ZodType } from 'zod';
import { didYouMean } from '../../src/core/engine/nearest.ts';
import { checked } from '../../src/core/json/check.ts';
import { deepest, isDeeperThan } from '../../src/core/json/depth.ts';
import { parseJson } from '../../src/core/json/text.ts';
import type { ApiEvent } from './api.ts';
import { edgeErrors } from './edge-errors.ts';
import { type InputError, Problem } from './problem.ts';

/** Most errors to report: more help no reader. */
const maxErrors = 100;

/** The JSON body, checked. Throws 415, 400 or 422. */
export function parseBody<T>(event: ApiEvent, schema: ZodType<T>): T {
  checkHeaders(event);
  const text = bodyText(event);
  if (isDeeperThan(deepest, text)) {
    throw new Problem(edgeErrors.TOO_DEEP, `The body is nested more than ${deepest} levels deep`);
  }
  let body: unknown;
  try {
    body = parseJson(text);
  } catch (error) {
    throw new Problem(edgeErrors.MALFORMED_JSON, `The body is not JSON: ${(error as Error).message}`);
  }
  return check(schema, body, 'The body does not fit the schema');
}

/** Refuses a body that is no JSON in UTF-8, or is compressed: the gateway passes it on as it came. */
function checkHeaders({ headers }: ApiEvent): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw unsupported(`The body must be application/json; got '${type || 'no type'}'`);
  }
  const encodings = (headers['content-encoding'] ?? '').split(',').map((one) => one.trim().toLowerCase());
  const encoding = encodings.find((one) => one !== '' && one !== 'identity');
  if (encoding !== undefined) {
    throw unsupported(`The body must not be compressed; its content-encoding is '${encoding}'`, {
      'accept-encoding': 'identity',
    });
  }
  const charset = /^charset="?([^"]*)"?$/.exec(
    parameters.find((one) => one.startsWith('charset=')) ?? '',
  )?.[1];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/.test(charset)) {
    throw unsupported(`The body must be in UTF-8; its charset is '${charset}'`);
  }
}

const unsupported = (message: string, headers: Record<string, string> = {}) =>
  new Problem(edgeErrors.UNSUPPORTED_MEDIA_TYPE, message, { headers });

/** The query parameters, checked. Throws 422. */
export function parseQuery<T>(event: ApiEvent, schema: ZodType<T>): T {
  return check(schema, event.queryStringParameters ?? {}, 'The query does not fit the schema');
}

/** The body as text, without the byte order mark that some programs put in front. */
export function bodyText({ body, isBase64Encoded }: ApiEvent): string {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Checks a value from a request. Throws 422. */
export function check<T>(schema: ZodType<T>, value: unknown, detail: string): T {
  const { data, errors } = result(schema, value, []);
  if (errors.length > 0) throw refused(detail, errors);
  return data as T;
}

/** Checks each item on its own, so that each keeps its order. `path`: where the items are. Throws 422. */
export function checkItems<T>(
  schema: ZodType<T>,
  items: readonly unknown[],
  path: readonly string[],
  detail: string,
): T[] {
  const checkedItems: T[] = [];
  const all: InputError[] = [];
  for (const [at, item] of items.entries()) {
    const { data, errors } = result(schema, item, [...path, at]);
    checkedItems.push(data as T);
    all.push(...errors);
    if (all.length >= maxErrors) break;
  }
  if (all.length > 0) throw refused(detail, all.slice(0, maxErrors));
  return checkedItems;
}

const refused = (detail: string, errors: InputError[]) =>
  new Problem(edgeErrors.INVALID_INPUT, detail, { errors });

function result<T>(
  schema: ZodType<T>,
  value: unknown,
  path: readonly PropertyKey[],
): { data?: T; errors: InputError[] } {
  /** The keys that an object may have, by the list of its unknown keys. */
  const known = new Map<readonly string[], string[]>();
  const parsed = checked(schema, value, {
    // Only this callback knows which object it was; the finished error does not.
    error: (issue) => {
      if (issue.code === 'unrecognized_keys' && issue.inst instanceof ZodObject)
        known.set(issue.keys, Object.keys(issue.inst.shape));
      return undefined;
    },
  });
  return parsed.success
    ? { data: parsed.data, errors: [] }
    : { errors: inputErrors(parsed.error, known, path) };
}

function inputErrors(
  { issues }: ZodError,
  known: ReadonlyMap<readonly string[], string[]>,
  before: readonly PropertyKey[],
): InputError[] {
  return issues.slice(0, maxErrors).flatMap((issue): InputError[] => {
    if (issue.code !== 'unrecognized_keys')
      return [{ path: pathOf([...before, ...issue.path]), message: issue.message }];
    return issue.keys.map((key) => ({
      path: pathOf([...before, ...issue.path, key]),
      message: `is unknown${didYouMean(key, known.get(issue.keys) ?? [])}`,
    }));
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}
