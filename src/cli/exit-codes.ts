import { ApiError } from '../client/api-error.ts';
import type { JobView } from '../client/contract.ts';
import { UsageError } from './usage-error.ts';

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
