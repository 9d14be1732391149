import * as z from 'zod';
import { SpillwayError } from '../core/engine/errors.ts';

const problem = z.object({
  code: z.string().optional(),
  detail: z.string().optional(),
  /** What Amazon API Gateway itself answers with. */
  message: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** An answer that is an error: `code` and `message` are the service's, `errors` the places in the input. */
export class ApiError extends SpillwayError {
  readonly status: number;
  readonly errors: readonly { path: string; message: string }[];

  constructor(
    status: number,
    code: string,
    message: string,
    errors: readonly { path: string; message: string }[] = [],
  ) {
    super(code, message, { retryable: passing.has(status), details: { status, errors } });
    this.status = status;
    this.errors = errors;
  }
}

/** What may be otherwise a moment later. */
const passing = new Set([429, 502, 503, 504]);

/** Reads a problem document (RFC 9457), or whatever else the answer is. */
export async function apiErrorOf(response: Response): Promise<ApiError> {
  const { status } = response;
  const text = await response.text();
  const { code = `HTTP_${status}`, detail, message, errors } = problem.safeParse(parse(text)).data ?? {};
  return new ApiError(status, code, detail ?? message ?? (text.slice(0, 300) || response.statusText), errors);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
