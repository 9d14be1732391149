import { StandardRetryStrategy } from '@smithy/core/retry';

/** Attempts at a call: with full jitter that is about three seconds in all, and one call in a million fails at an error rate of 10%. */
const attempts = 6;

/** Denied access passes, too: rights and new keys take seconds to reach every server of AWS. */
const denials = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

type ErrorInfo = Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>[1];
type Token = Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>[0];

/**
 * The SDK's standard retries, more of them, up to the end of the invocation's budget. Not its adaptive mode: that slows
 * down all calls of a client for one hot key, and an answer has a deadline.
 */
export class BudgetedRetries extends StandardRetryStrategy {
  readonly #deadline: () => number;

  /** @param deadline epoch milliseconds after which a further attempt is of no use; asked at each */
  constructor(deadline: () => number) {
    super(attempts);
    this.#deadline = deadline;
  }

  override async refreshRetryTokenForRetry(token: Token, info: ErrorInfo) {
    if (Date.now() >= this.#deadline()) throw new Error('The budget is over');
    const denied = info.error instanceof Error && denials.has(info.error.name);
    return super.refreshRetryTokenForRetry(token, denied ? { ...info, errorType: 'TRANSIENT' } : info);
  }
}
