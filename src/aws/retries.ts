import { StandardRetryStrategy } from '@smithy/core/retry';

/**
 * Attempts per call. With full jitter they take about three seconds in all; at an error rate of 10%, one call in a
 * million fails.
 */
const attempts = 6;

/** Denied access may pass too: new permissions and keys take seconds to reach every server of AWS. */
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
 * The SDK's standard retries, but more of them, up to the end of the invocation's budget. Not its adaptive mode, which
 * slows down all calls of a client because of one hot key: an answer has a deadline.
 */
export class BudgetedRetries extends StandardRetryStrategy {
  readonly #deadline: () => number;

  /** @param deadline epoch milliseconds after which another attempt is pointless; called before each retry */
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
