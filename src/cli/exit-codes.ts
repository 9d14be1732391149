import type { JobView } from '../client/contract.ts';

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
