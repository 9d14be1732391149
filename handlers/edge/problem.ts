import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { type DeclaredError, SpillwayError } from '../../src/core/engine/errors.ts';
import { FileError, type Place } from '../../src/core/formats/file-error.ts';
import { jobErrors } from '../../src/core/jobs/model/job-errors.ts';
import { edgeErrors } from './edge-errors.ts';

const inputError = z.object({
  path: z.string().describe('Place in the input, such as productGroups[3].images[0].url'),
  message: z.string(),
});

/** One error in the input. */
export type InputError = z.output<typeof inputError>;

/** An error's body: RFC 9457, with a stable `code`. */
export const problemDocument = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(inputError).exactOptional().describe('Every mistake in the input'),
});

/** An answer other than success, as RFC 9457 describes it. */
export class Problem extends SpillwayError {
  readonly headers: Record<string, string>;
  readonly errors: readonly InputError[] | undefined;

  constructor(
    kind: DeclaredError & { status: number },
    message: string,
    more: { headers?: Record<string, string>; errors?: readonly InputError[] } = {},
  ) {
    super(kind, message);
    this.headers = more.headers ?? {};
    this.errors = more.errors;
  }
}

/** The same answer for a missing job and for another tenant's. */
export function jobNotFound(): Problem {
  return new Problem(jobErrors.JOB_NOT_FOUND, 'You have no job with this id');
}

/** The same answer for a missing product and for another tenant's. */
export function productNotFound(): Problem {
  return new Problem(edgeErrors.PRODUCT_NOT_FOUND, 'You have no product with this id');
}

/** Seconds after which a caller may try again. */
const retryAfterSeconds = '2';

/**
 * An error as an answer. An error without its own status tells the caller nothing about the inside of the service.
 */
export function problemResponse(error: unknown): APIGatewayProxyStructuredResultV2 {
  const known = error instanceof SpillwayError && error.httpStatus !== undefined ? error : unavailable();
  const { code, message, retryable, httpStatus: status = 500 } = known;
  const errors = errorsOf(known);
  const title = STATUS_CODES[status];
  const problem = { type: 'about:blank', title, status, code, detail: excerpt(message) };
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryable && { 'retry-after': retryAfterSeconds }),
      ...(known instanceof Problem && known.headers),
    },
    body: JSON.stringify({ ...problem, ...(errors && { errors: errors.map(shortened) }) }),
  };
}

/** Characters of each text in a problem document: parts of the request may be repeated there. */
const excerptLength = 1_000;
const excerpt = (text: string) => (text.length > excerptLength ? `${text.slice(0, excerptLength)}…` : text);

function unavailable(): Problem {
  return new Problem(
    edgeErrors.SERVICE_UNAVAILABLE,
    'The service could not do this just now. Try again: with an Idempotency-Key, a request that is sent twice runs once',
  );
}

const shortened = ({ path, message }: InputError): InputError => ({
  path: excerpt(path),
  message: excerpt(message),
});

function errorsOf(error: SpillwayError): readonly InputError[] | undefined {
  if (error instanceof Problem) return error.errors;
  if (!(error instanceof FileError)) return undefined;
  const { row, column, byte } = (error.details ?? {}) as Place;
  const place = [
    ...(row === undefined ? [] : [`row ${row}`]),
    ...(column === undefined ? [] : [`column ${column}`]),
    ...(byte === undefined ? [] : [`byte offset ${byte}`]),
  ];
  return [{ path: ['source', ...place].join(', '), message: error.message }];
}
