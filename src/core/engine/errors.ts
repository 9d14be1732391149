/** Declares an error code, the same wherever it is raised. `docs/errors.md` is generated from these. */
export interface ErrorDeclaration {
  /** Whether a later retry can help. */
  readonly retryable: boolean;
  /** Every other item would fail for the same reason, so the job is stopped. Default: false. */
  readonly stopsJob?: boolean;
  /** HTTP status of a response with this error. Absent if no response has it. */
  readonly status?: number;
  /** One sentence. */
  readonly meaning: string;
  /** Advice for the person who sees the code. */
  readonly whatToDo: string;
}

/** A declaration with its code, from which errors are created. */
export interface DeclaredError<Code extends string = string> extends ErrorDeclaration {
  readonly code: Code;
}

/**
 * Declares the codes of one room, next to the code that raises them: code → declaration. The keys are the codes, so
 * `keyof typeof` the result is their union.
 */
export function defineErrors<Declarations extends Readonly<Record<string, ErrorDeclaration>>>(
  declarations: Declarations,
): { readonly [Code in keyof Declarations & string]: Declarations[Code] & DeclaredError<Code> } {
  const entries = Object.entries(declarations).map(([code, declaration]) => [code, { code, ...declaration }]);
  return Object.fromEntries(entries);
}

/** Options of {@link SpillwayError}. */
export interface SpillwayErrorOptions {
  /** Only for a code with both kinds of causes. Default: as declared; false for an undeclared code. */
  retryable?: boolean;
  cause?: unknown;
  /** Details of the failure, as data. Must survive JSON. */
  details?: unknown;
}

/** A declared error, or a code of a user's own workload, which need not be declared. */
export type ErrorKind = DeclaredError | string;

/**
 * Base of every error that Spillway raises on purpose. Callers match on `code`, which is stable and in
 * UPPER_SNAKE_CASE; `message` is for people and may change.
 */
export class SpillwayError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly details: unknown;
  /** HTTP status of a request that ends with this error, as declared. */
  readonly httpStatus: number | undefined;

  constructor(kind: ErrorKind, message: string, options: SpillwayErrorOptions = {}) {
    super(message, { cause: options.cause });
    const { code, retryable = false, status } = declarationOf(kind);
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? retryable;
    this.details = options.details;
    this.httpStatus = status;
  }

  toJSON(): Failure {
    const { code, message, retryable, details } = this;
    return { code, message, retryable, ...(details !== undefined && { details }) };
  }
}

/** Options of {@link ItemError}. */
export interface ItemErrorOptions extends SpillwayErrorOptions {
  /** Every other item would fail for the same reason: stops the job, with this as its cause. Default: as declared. */
  stopsJob?: boolean;
}

/** One item failed. Affects no other item, unless it stops the job. */
export class ItemError extends SpillwayError {
  readonly stopsJob: boolean;

  constructor(kind: ErrorKind, message: string, options: ItemErrorOptions = {}) {
    super(kind, message, options);
    this.stopsJob = options.stopsJob ?? declarationOf(kind).stopsJob ?? false;
  }
}

function declarationOf(kind: ErrorKind): Partial<DeclaredError> & { code: string } {
  return typeof kind === 'string' ? { code: kind } : kind;
}

/**
 * Thrown by an item that cannot finish in this invocation through no fault of its own: its turn at a shared limit comes
 * too late, or an upstream is down. The item gets no outcome; a later invocation continues.
 */
export class Postponed extends SpillwayError {
  /** Epoch milliseconds before which a retry is pointless. */
  readonly until: number;
  /** The upstream or limit that the item waits for. */
  readonly waitingFor: string;

  constructor(kind: ErrorKind, message: string, waitingFor: string, until: number, cause?: unknown) {
    super(kind, message, { retryable: true, details: { waitingFor, until }, cause });
    this.waitingFor = waitingFor;
    this.until = until;
  }
}

/**
 * The service's own store, table or queue is out of reach, throttles, or denies access. This counts as no failure: the
 * affected work is handed on and uses up no attempt. `code` and `message` may be shown to a tenant; the cause, which
 * may name accounts and addresses, is for the log only.
 */
export class InfrastructureError extends Postponed {
  constructor(kind: ErrorKind, message: string, waitingFor: string, cause?: unknown) {
    super(kind, message, waitingFor, 0, cause);
  }
}

/** The {@link Postponed} that an error is or was caused by, however a workload wrapped it. */
export function postponedIn(error: unknown): Postponed | undefined {
  // A chain of causes may be circular.
  const seen = new Set<unknown>();
  for (let next = error; next instanceof Error && !seen.has(next); next = next.cause) {
    if (next instanceof Postponed) return next;
    seen.add(next);
    const postponed = next instanceof AggregateError && next.errors.map(postponedIn).find((one) => one);
    if (postponed) return postponed;
  }
  return undefined;
}

/** An error with all its causes, on one line for the log. */
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

/** The failure in an outcome. */
export interface Failure {
  code: string;
  message: string;
  retryable: boolean;
  details?: unknown;
}

/** A failure without a thrown error. */
export function failureOf({ code, retryable }: DeclaredError, message: string, details?: unknown): Failure {
  return { code, message, retryable, ...(details !== undefined && { details }) };
}

/** Turns any thrown value into a {@link Failure}; an unknown error becomes `ITEM_FAILED`, retryable. */
export function toFailure(error: unknown): Failure {
  if (error instanceof SpillwayError) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return failureOf(itemErrors.ITEM_FAILED, message);
}

export const itemErrors = defineErrors({
  ITEM_FAILED: {
    retryable: true,
    meaning: 'The workload threw an error that has no code of its own.',
    whatToDo: 'Read the message. Retry the job; if the item fails again, correct the item or the workload.',
  },
  ITEM_TIMED_OUT: {
    retryable: true,
    meaning: 'The item took longer than the workload allows one item.',
    whatToDo:
      'Retry the job. If the workload has a `timeoutMs` option, raise it; otherwise make the item smaller.',
  },
});
