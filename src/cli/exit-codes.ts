import type { JobView } from '../jobs/view.ts';

/** How the command ends. `interrupted` is the shell's convention for Ctrl+C. */
export const exitCodes = { succeeded: 0, error: 1, usage: 2, failures: 3, interrupted: 130 } as const;

/** For a job that has ended. One that could not be carried through is an error, not a job with failures. */
export function exitCodeOf({ status, error }: Pick<JobView, 'status' | 'error'>): number {
  if (error !== undefined || status === 'cancelled') return exitCodes.error;
  return status === 'completed' ? exitCodes.succeeded : exitCodes.failures;
}
