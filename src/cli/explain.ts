import { ApiError } from '../client/api-error.ts';
import { reasonOf } from '../client/reason.ts';
import { SpillwayError } from '../core/engine/errors.ts';

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
