import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { ApiError } from './api-error.ts';

/**
 * Tries what goes to the store three times, where it may be otherwise a moment later: of thousands of requests, one may
 * fail. What fetch throws without an answer is a `TypeError`.
 */
export const patiently = retry(
  handleWhen((error) => (error instanceof ApiError ? error.retryable : error instanceof TypeError)),
  { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 500 }) },
);
