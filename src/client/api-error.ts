import * as z from 'zod';
import { SpillwayError } from '../core/engine/errors.ts';

const problem = z.object({
  code: z.string().optional(),
  detail: z.string().optional(),
  /** Amazon API Gateway's own errors have this field. */
  message: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** An error answer: `code` and `message` come from the service, `errors` lists the places in the input. */
export class ApiError extends SpillwayError {
  readonly status: number;
  readonly errors: readonly { path: string; message: string }[];
  /** How long the service asks to wait before another attempt, in milliseconds; 0 if it does not say. */
  readonly retryAfterMs: number;

  constructor(
    status: number,
    code: string,
    message: string,
    errors: readonly { path: string; message: string }[] = [],
    retryAfterMs = 0,
  ) {
    const retryable = passingStatuses.has(status) || passingCodes.has(code);
    super(code, message, { retryable, details: { status, errors } });
    this.status = status;
    this.errors = errors;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Statuses that may change a moment later. */
const passingStatuses = new Set([429, 502, 503, 504]);
/** The second: the function that answered has died; another one answers. */
const passingCodes = new Set(['IDEMPOTENT_REQUEST_RUNNING', 'FUNCTION_FAILED']);

/** Reads a problem document (RFC 9457), or any other error answer. */
export async function apiErrorOf(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const text = await response.text();
  const { code = `HTTP_${status}`, detail, message, errors } = problem.safeParse(parse(text)).data ?? {};
  const says = detail ?? message ?? (text.slice(0, 300) || response.statusText);
  return new ApiError(status, code, says, errors, pauseIn(headers.get('retry-after')));
}

function pauseIn(retryAfter: string | null): number {
  const seconds = Number(retryAfter ?? 0);
  return seconds >= 0 ? seconds * 1000 : 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
