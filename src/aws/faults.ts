import { type DeclaredError, InfrastructureError, SpillwayError } from '../core/engine/errors.ts';
import { portErrors } from '../core/jobs/model/port-errors.ts';
import type { ServerKind } from './endpoints.ts';

/** What a tenant is told. Nothing here names an account, a bucket or a table. */
const outOfReach: Readonly<Record<ServerKind, { kind: DeclaredError; name: string }>> = {
  s3: { kind: portErrors.STORE_UNAVAILABLE, name: 'object store' },
  sqs: { kind: portErrors.QUEUE_UNAVAILABLE, name: 'message queue' },
  dynamodb: { kind: portErrors.TABLE_UNAVAILABLE, name: 'table' },
};

/** Answers that the adapters ask for: a condition that did not hold, an object that is not there. */
const answers = new Set([
  'ConditionalCheckFailedException',
  'NoSuchKey',
  'NoSuchUpload',
  'NotFound',
  'QueueDoesNotExist',
]);

/** What is wrong with the request itself: the same request is refused however often it is sent. */
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
 * What an SDK call has failed with, in the words of this service: an {@link InfrastructureError} for whatever may pass
 * (throttles, 5xx, resets, time-outs, denied access, a bucket that is not there yet), `REQUEST_REFUSED` for what never
 * will. Answers and our own aborts stay as they are.
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

/** A refusal that came inside an answer to a batch. */
export function refusedBy(service: ServerKind, reason: string): InfrastructureError {
  const { kind, name } = outOfReach[service];
  return new InfrastructureError(kind, `The ${name} of the service is unavailable`, name, new Error(reason));
}

/** The part of an SDK client's middleware stack that is used here: the same in all of them. */
interface Stack {
  addRelativeTo(
    middleware: (next: Call) => Call,
    options: { relation: 'before'; toMiddleware: string; name: string },
  ): void;
}
/** Each client types its calls apart; nothing of them is looked at here. */
type Call = (args: never) => Promise<unknown>;

/** Has every call of a client fail with what {@link faultOf} makes of it, once the SDK's own attempts are used up. */
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
