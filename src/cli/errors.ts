import { ApiError } from '../client/api-error.ts';
import type { JobView } from '../client/contract.ts';
import { reasonOf } from '../client/reason.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { commandErrors } from './command-errors.ts';
import type { Suggest } from './suggest.ts';

/** The command cannot work as it was entered; nothing has been done. `message` is for the user who typed it. */
export class UsageError extends Error {}

/** The command's exit codes. `interrupted` is the shell's convention for Ctrl+C. */
export const exitCodes = { succeeded: 0, error: 1, usage: 2, failures: 3, interrupted: 130 } as const;

/**
 * For a job that has ended. A job with a broken file, or one that was cancelled, is an error, not a job with
 * failures.
 */
export function exitCodeOf({ status, error }: Pick<JobView, 'status' | 'error'>): number {
  if (status === 'cancelled') return error === undefined ? exitCodes.error : exitCodes.failures;
  if (error !== undefined) return exitCodes.error;
  return status === 'completed' ? exitCodes.succeeded : exitCodes.failures;
}

/** Codes with which a service refuses a wrong command: an unknown workload, or invalid options. */
const wrongUsage = new Set(['UNKNOWN_WORKLOAD', 'INVALID_INPUT', 'OPTIONS_INVALID']);

/** For a command that did not complete. */
export function exitCodeOfError(error: unknown): number {
  const usage = error instanceof UsageError || (error instanceof ApiError && wrongUsage.has(error.code));
  return usage ? exitCodes.usage : exitCodes.error;
}

/** How to go on after an error. Undefined if its message says it all. */
function hintOf(error: SpillwayError, suggest: Suggest | undefined): string | undefined {
  const { url, key } = Object(error.details) as { url?: string; key?: string };
  if (error.code === 'DATA_DIR_IN_USE' && url !== undefined) {
    return `To use that service: --endpoint ${url} --api-key ${key ?? '"$SPILLWAY_API_KEY"'}`;
  }
  const { jobId } = Object(error.details) as { jobId?: string };
  if (error.code === commandErrors.JOB_HELD.code && suggest && jobId !== undefined) {
    return `To go on: ${suggest('resume', jobId)}`;
  }
  return undefined;
}

/**
 * Explains an error for people: `error: <detail> (<code>)`, then a line for each place in the input. Does not
 * repeat what the detail already says.
 */
export function explain(error: unknown, suggest?: Suggest): string {
  if (!(error instanceof SpillwayError)) return `error: ${reasonOf(error)}`;
  const places =
    error instanceof ApiError
      ? error.errors.map(({ path, message }) =>
          message === error.message ? `  ${path}` : `  ${path}: ${message}`,
        )
      : [];
  const hint = hintOf(error, suggest);
  return [`error: ${error.message} (${error.code})`, ...places, ...(hint ? [`  ${hint}`] : [])].join('\n');
}
