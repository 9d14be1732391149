/** Options of {@link SpillwayError}. */
export interface SpillwayErrorOptions {
  /** Whether trying the same thing again, later, can help. Default: false. */
  retryable?: boolean;
  cause?: unknown;
  /** What failed within, as data. Must survive JSON. */
  details?: unknown;
}

/**
 * Base of every error that Spillway raises on purpose. `code` is stable and in UPPER_SNAKE_CASE: it is what callers
 * match on; `message` is for people and may change.
 */
export class SpillwayError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly details: unknown;

  constructor(code: string, message: string, options: SpillwayErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
  }

  toJSON(): Failure {
    const { code, message, retryable, details } = this;
    return { code, message, retryable, ...(details !== undefined && { details }) };
  }
}

/** One item failed. Touches no other item. */
export class ItemError extends SpillwayError {}

/** What an outcome tells about a failure. */
export interface Failure {
  code: string;
  message: string;
  retryable: boolean;
  details?: unknown;
}

/** Turns whatever was thrown into a {@link Failure}; an unknown error becomes `ITEM_FAILED`, retryable. */
export function toFailure(error: unknown): Failure {
  if (error instanceof SpillwayError) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'ITEM_FAILED', message, retryable: true };
}
