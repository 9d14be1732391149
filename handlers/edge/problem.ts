import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { SpillwayError } from '../../src/engine/errors.ts';
import { FileError, type Place } from '../../src/formats/file-error.ts';

/** One thing that is wrong with the input; `path` like `productGroups[3].images[0].url`. */
export interface InputError {
  path: string;
  message: string;
}

/** An answer other than success, as RFC 9457 describes it. */
export class Problem extends SpillwayError {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly errors: readonly InputError[] | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { headers?: Record<string, string>; errors?: readonly InputError[] } = {},
  ) {
    super(code, message);
    this.status = status;
    this.headers = more.headers ?? {};
    this.errors = more.errors;
  }
}

/** The same for a job that does not exist and for another tenant's. */
export function jobNotFound(): Problem {
  return new Problem(404, 'JOB_NOT_FOUND', 'There is no such job');
}

/** Errors of the jobs room that are the caller's, and how HTTP calls them. */
const statusOf: Record<string, number> = {
  IDEMPOTENCY_KEY_REUSED: 409,
  IDEMPOTENT_REQUEST_RUNNING: 409,
  UNKNOWN_WORKLOAD: 422,
  OPTIONS_INVALID: 422,
  SOURCE_NOT_FOUND: 422,
  TOO_MANY_FILES: 422,
  JOB_ENDED: 409,
  JOB_NOT_ENDED: 409,
  JOB_CANCELLED: 409,
  NOTHING_FAILED: 409,
};

/** Seconds after which a caller may come back with what failed for now. */
const retryAfterSeconds = '2';

/** Whatever went wrong as an answer. What the caller cannot have caused says nothing of our insides. */
export function problemResponse(error: unknown): APIGatewayProxyStructuredResultV2 {
  if (error instanceof Problem) {
    const { status, code, message, headers, errors } = error;
    return respond(status, code, message, headers, errors && { errors });
  }
  if (error instanceof FileError) {
    const { row, column, byte } = (error.details ?? {}) as Place;
    const place = [
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(column === undefined ? [] : [`column ${column}`]),
      ...(byte === undefined ? [] : [`byte offset ${byte}`]),
    ];
    return respond(
      422,
      error.code,
      error.message,
      {},
      {
        errors: [{ path: ['source', ...place].join(', '), message: error.message }],
      },
    );
  }
  if (error instanceof SpillwayError && statusOf[error.code] !== undefined) {
    const headers: Record<string, string> = error.retryable ? { 'retry-after': retryAfterSeconds } : {};
    return respond(statusOf[error.code] ?? 500, error.code, error.message, headers);
  }
  const detail =
    'This could not be done just now. Try again; with an Idempotency-Key a request runs once, however often it is sent';
  return respond(503, 'SERVICE_UNAVAILABLE', detail, { 'retry-after': retryAfterSeconds });
}

function respond(
  status: number,
  code: string,
  detail: string,
  headers: Record<string, string>,
  more: object = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, code, detail, ...more }),
  };
}
