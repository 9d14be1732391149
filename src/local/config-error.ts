import { SpillwayError } from '../core/engine/errors.ts';
import { localErrors } from './local-errors.ts';

/**
 * serverless.yml contains something that cannot be served here. `path` names the place, such as
 * `functions.sweep.events[0]`.
 */
export class ConfigError extends SpillwayError {
  readonly path: string;

  constructor(path: string, problem: string) {
    super(localErrors.CONFIG_INVALID, `serverless.yml: ${path}: ${problem}`);
    this.path = path;
  }
}
