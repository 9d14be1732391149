import { SpillwayError } from '../engine/errors.ts';
import { ApiError } from './api-error.ts';

const hints: Record<string, string> = {
  DATA_DIR_IN_USE: 'To have that service do it: --endpoint http://127.0.0.1:3000 --api-key local',
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

/** What fetch throws says little: the reason is in its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own =
    error instanceof AggregateError && error.message === ''
      ? error.errors.map(reasonOf).join(', ')
      : error.message;
  return error.cause === undefined ? own : `${own}: ${reasonOf(error.cause)}`;
}
