import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';

/** Time kept at the end of an invocation to report the failure, in milliseconds. */
const reserveMs = 500;

let endsAt = Number.POSITIVE_INFINITY;

/**
 * Epoch milliseconds after which a failed call is not worth repeating. An instance runs one invocation at a time.
 */
export const deadline = (): number => endsAt;

/** Notes when the current invocation will end. */
export const withDeadline: MiddlewareObj<unknown, unknown, Error, Context> = {
  before: ({ context }) => {
    endsAt = Date.now() + context.getRemainingTimeInMillis() - reserveMs;
  },
};
