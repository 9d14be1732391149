import { ApiError } from '../client/api-error.ts';
import { reasonOf } from '../client/reason.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { commandErrors } from './command-errors.ts';
import { exitCodes } from './exit-codes.ts';
import { plainReason } from './plain-reason.ts';
import type { Suggest } from './suggest.ts';
import { UsageError } from './usage-error.ts';

/** Codes with which a service refuses a wrong command: an unknown workload, or invalid options. */
const wrongUsage = new Set(['UNKNOWN_WORKLOAD', 'INVALID_INPUT', 'OPTIONS_INVALID']);

/** For a command that did not complete. */
export function exitCodeOfError(error: unknown): number {
  const usage = error instanceof UsageError || (error instanceof ApiError && wrongUsage.has(error.code));
  return usage ? exitCodes.usage : exitCodes.error;
}

/** An error of the system that names a path, in plain words. */
function systemText(error: unknown): string | undefined {
  const { path } = Object(error) as { path?: string };
  return path === undefined ? undefined : `${path}: ${plainReason(error)}`;
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
  if (!(error instanceof SpillwayError)) return `error: ${systemText(error) ?? reasonOf(error)}`;
  const places =
    error instanceof ApiError
      ? error.errors.map(({ path, message }) =>
          message === error.message ? `  ${path}` : `  ${path}: ${message}`,
        )
      : [];
  const hint = hintOf(error, suggest);
  return [`error: ${error.message} (${error.code})`, ...places, ...(hint ? [`  ${hint}`] : [])].join('\n');
}

/** Prints an error. Returns the exit code for it. */
export function report(error: unknown, suggest?: Suggest): number {
  process.stderr.write(`${explain(error, suggest)}\n`);
  return exitCodeOfError(error);
}
