import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { SpillwayError } from '../../src/core/engine/errors.ts';
import { FileError, type Place } from '../../src/core/formats/file-error.ts';
import { isProblemCode, type ProblemCode, problemCodes } from './problem-codes.ts';

const inputError = z.object({
  path: z.string().describe('Where it is, like productGroups[3].images[0].url'),
  message: z.string(),
});

/** One thing that is wrong with the input. */
export type InputError = z.output<typeof inputError>;

/** An error's body: RFC 9457, with a `code` that does not change. */
export const problemDocument = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(inputError).exactOptional().describe('Each thing that is wrong with the input'),
});

/** An answer other than success, as RFC 9457 describes it. */
export class Problem extends SpillwayError {
  declare readonly code: ProblemCode;
  readonly headers: Record<string, string>;
  readonly errors: readonly InputError[] | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    more: { headers?: Record<string, string>; errors?: readonly InputError[] } = {},
  ) {
    super(code, message);
    this.headers = more.headers ?? {};
    this.errors = more.errors;
  }
}

/** The same for a job that does not exist and for another tenant's. */
export function jobNotFound(): Problem {
  return new Problem('JOB_NOT_FOUND', 'There is no such job');
}

/** Seconds after which a caller may come back with what failed for now. */
const retryAfterSeconds = '2';

/** Whatever went wrong as an answer. What the caller cannot have caused says nothing of our insides. */
export function problemResponse(error: unknown): APIGatewayProxyStructuredResultV2 {
  if (error instanceof Problem) {
    const { code, message, headers, errors } = error;
    return respond(code, message, headers, errors && { errors });
  }
  if (error instanceof FileError) {
    const { row, column, byte } = (error.details ?? {}) as Place;
    const place = [
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(column === undefined ? [] : [`column ${column}`]),
      ...(byte === undefined ? [] : [`byte offset ${byte}`]),
    ];
    return respond(
      error.code,
      error.message,
      {},
      {
        errors: [{ path: ['source', ...place].join(', '), message: error.message }],
      },
    );
  }
  if (error instanceof SpillwayError && isProblemCode(error.code)) {
    const headers: Record<string, string> = error.retryable ? { 'retry-after': retryAfterSeconds } : {};
    return respond(error.code, error.message, headers);
  }
  const detail =
    'This could not be done just now. Try again; with an Idempotency-Key a request runs once, however often it is sent';
  return respond('SERVICE_UNAVAILABLE', detail, { 'retry-after': retryAfterSeconds });
}

function respond(
  code: ProblemCode,
  detail: string,
  headers: Record<string, string>,
  more: object = {},
): APIGatewayProxyStructuredResultV2 {
  const status = problemCodes[code];
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, code, detail, ...more }),
  };
}
