import { ApiError } from '../client/api-error.ts';
import type { JobView } from '../client/contract.ts';
import { reasonOf } from '../client/reason.ts';
import { SpillwayError } from '../core/engine/errors.ts';

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

const hints: Record<string, string> = {
  DATA_DIR_IN_USE: 'To use that service: --endpoint http://127.0.0.1:3000 --api-key local',
};

/**
 * Explains an error for people: `error: <detail> (<code>)`, then a line for each place in the input. Does not
 * repeat what the detail already says.
 */
export function explain(error: unknown): string {
  if (!(error instanceof SpillwayError)) return `error: ${reasonOf(error)}`;
  const places =
    error instanceof ApiError
      ? error.errors.map(({ path, message }) =>
          message === error.message ? `  ${path}` : `  ${path}: ${message}`,
        )
      : [];
  const hint = hints[error.code];
  return [`error: ${error.message} (${error.code})`, ...places, ...(hint ? [`  ${hint}`] : [])].join('\n');
}
