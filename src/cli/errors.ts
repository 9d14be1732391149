import { ApiError } from '../client/api-error.ts';
import type { JobView } from '../client/contract.ts';
import { reasonOf } from '../client/reason.ts';
import { SpillwayError } from '../core/engine/errors.ts';

/** The command was given in a way that cannot work; nothing has been done. `message` is for the person who typed it. */
export class UsageError extends Error {}

/** How the command ends. `interrupted` is the shell's convention for Ctrl+C. */
export const exitCodes = { succeeded: 0, error: 1, usage: 2, failures: 3, interrupted: 130 } as const;

/** For a job that has ended. One whose file is broken or that somebody has cancelled is an error, not a job with failures. */
export function exitCodeOf({ status, error }: Pick<JobView, 'status' | 'error'>): number {
  if (status === 'cancelled') return error === undefined ? exitCodes.error : exitCodes.failures;
  if (error !== undefined) return exitCodes.error;
  return status === 'completed' ? exitCodes.succeeded : exitCodes.failures;
}

/** What a service refuses because of how the command was given: a workload, or options, that there are not. */
const wrongUsage = new Set(['UNKNOWN_WORKLOAD', 'INVALID_INPUT', 'OPTIONS_INVALID']);

/** For a command that did not come to its end. */
export function exitCodeOfError(error: unknown): number {
  const usage = error instanceof UsageError || (error instanceof ApiError && wrongUsage.has(error.code));
  return usage ? exitCodes.usage : exitCodes.error;
}

const hints: Record<string, string> = {
  DATA_DIR_IN_USE: 'To use that service: --endpoint http://127.0.0.1:3000 --api-key local',
};

/**
 * What went wrong, for a person: `error: <detail> (<code>)`, then a line for each place in the input. What is said
 * there already is not said again.
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
