import { type DeclaredError, InfrastructureError, SpillwayError } from '../core/engine/errors.ts';
import { portErrors } from '../core/jobs/model/port-errors.ts';
import type { ServerKind } from './endpoints.ts';

/** Shown to tenants: must not name an account, a bucket or a table. */
const outOfReach: Readonly<Record<ServerKind, { kind: DeclaredError; name: string }>> = {
  s3: { kind: portErrors.STORE_UNAVAILABLE, name: 'object store' },
  sqs: { kind: portErrors.QUEUE_UNAVAILABLE, name: 'message queue' },
  dynamodb: { kind: portErrors.TABLE_UNAVAILABLE, name: 'table' },
};

/** Errors that the adapters expect as answers: a condition that did not hold, a missing object. */
const answers = new Set([
  'ConditionalCheckFailedException',
  'NoSuchKey',
  'NoSuchUpload',
  'NotFound',
  'QueueDoesNotExist',
]);

/** Faults of the request itself: the server refuses it however often it is sent. */
const refusals = new Set([
  'BatchRequestTooLong',
  'EntityTooLarge',
  'EntityTooSmall',
  'InvalidMessageContents',
  'InvalidRange',
  'ItemCollectionSizeLimitExceededException',
  'KeyTooLongError',
  'ValidationException',
]);

/**
 * Translates the error of an SDK call: an {@link InfrastructureError} for a fault that may pass (throttles, 5xx,
 * resets, time-outs, denied access, a bucket that does not exist yet), `REQUEST_REFUSED` for one that cannot. Answers
 * and our own aborts stay as they are.
 */
export function faultOf(service: ServerKind, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SpillwayError) return error;
  if (error.name === 'AbortError' || answers.has(error.name)) return error;
  const { kind, name } = outOfReach[service];
  if (refusals.has(error.name)) {
    return new SpillwayError(portErrors.REQUEST_REFUSED, `The ${name} refuses the request`, {
      cause: error,
    });
  }
  return new InfrastructureError(kind, `The ${name} of the service is unavailable`, name, error);
}

/** The error for a refusal inside the answer to a batch. */
export function refusedBy(service: ServerKind, reason: string): InfrastructureError {
  const { kind, name } = outOfReach[service];
  return new InfrastructureError(kind, `The ${name} of the service is unavailable`, name, new Error(reason));
}

/** The part of an SDK client's middleware stack that is used here; it is the same in all clients. */
interface Stack {
  addRelativeTo(
    middleware: (next: Call) => Call,
    options: { relation: 'before'; toMiddleware: string; name: string },
  ): void;
}
/** Each client has its own types of calls; this file does not look into them. */
type Call = (args: never) => Promise<unknown>;

/** Passes every error of a client through {@link faultOf}, once the SDK's own attempts are used up. */
export function translateFaults(client: { middlewareStack: unknown }, service: ServerKind): void {
  const stack = client.middlewareStack as Stack;
  stack.addRelativeTo(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw faultOf(service, error);
      }
    },
    { relation: 'before', toMiddleware: 'retryMiddleware', name: 'translateFaults' },
  );
}
