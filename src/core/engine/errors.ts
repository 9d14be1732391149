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

/** Options of {@link ItemError}. */
export interface ItemErrorOptions extends SpillwayErrorOptions {
  /** Every other item would fail for the same reason: the job is stopped, with this as its cause. Default: false. */
  stopsJob?: boolean;
}

/** One item failed. Touches no other item, unless it says that the whole job has no use going on. */
export class ItemError extends SpillwayError {
  readonly stopsJob: boolean;

  constructor(code: string, message: string, options: ItemErrorOptions = {}) {
    super(code, message, options);
    this.stopsJob = options.stopsJob ?? false;
  }
}

/**
 * Thrown by an item that cannot be done in this invocation through no fault of its own: its turn at a shared limit
 * comes too late, or an upstream is down. Nothing is decided about it; a later invocation goes on.
 */
export class Postponed extends SpillwayError {
  /** Epoch milliseconds before which trying again is of no use. */
  readonly until: number;
  /** The upstream or limit that is waited for. */
  readonly waitingFor: string;

  constructor(code: string, message: string, waitingFor: string, until: number, cause?: unknown) {
    super(code, message, { retryable: true, details: { waitingFor, until }, cause });
    this.waitingFor = waitingFor;
    this.until = until;
  }
}

/**
 * The service's own store, table or queue is out of reach, throttles, or denies access. Nobody's failure: what ran into
 * it is handed on and uses up no attempt. `code` and `message` are fit for a tenant; the cause, which may name accounts
 * and addresses, is for the log.
 */
export class InfrastructureError extends Postponed {
  constructor(code: string, message: string, waitingFor: string, cause?: unknown) {
    super(code, message, waitingFor, 0, cause);
  }
}

/** The {@link Postponed} that an error is, or was caused by, however a workload has wrapped it. */
export function postponedIn(error: unknown): Postponed | undefined {
  // A chain of causes may be a circle.
  const seen = new Set<unknown>();
  for (let next = error; next instanceof Error && !seen.has(next); next = next.cause) {
    if (next instanceof Postponed) return next;
    seen.add(next);
    const postponed = next instanceof AggregateError && next.errors.map(postponedIn).find((one) => one);
    if (postponed) return postponed;
  }
  return undefined;
}

/** An error with all that caused it, on one line for the log. */
export function causesOf(error: unknown): string {
  const reasons: string[] = [];
  const seen = new Set<unknown>();
  for (let next = error; next !== undefined && !seen.has(next); ) {
    seen.add(next);
    reasons.push(String(next));
    next = next instanceof Error ? next.cause : undefined;
  }
  return reasons.join(' <- ');
}

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
