import { ItemError, type SpillwayErrorOptions } from '../engine/errors.ts';

export type UpstreamErrorCode =
  /** The upstream will always answer this request so: 4xx. */
  | 'UPSTREAM_REFUSED'
  /** The call was fine, but the upstream has nothing of what it was about. */
  | 'NO_DATA'
  /** 5xx, or an answer that is none. Retryable. */
  | 'UPSTREAM_FAILED'
  /** No connection could be made: nothing was sent. Retryable. */
  | 'UNREACHABLE'
  /** The URL leads to an address that this service does not connect to. The job is stopped. */
  | 'ADDRESS_FORBIDDEN'
  /** The connection broke. Retryable. */
  | 'CONNECTION_FAILED'
  /** No whole answer within the timeout. Retryable. */
  | 'TIMED_OUT'
  /** More bytes than an answer may have. */
  | 'ANSWER_TOO_LARGE'
  /** The upstream may have done what was asked, or not: the call must not be repeated without a look. Not retryable. */
  | 'OUTCOME_UNKNOWN'
  /** The key is wrong, has no right or no credit: every other call will be refused too. */
  | 'CREDENTIALS_REFUSED';

/** A call that an upstream did not answer as hoped. Never holds a key, a header or a query string. */
export class UpstreamError extends ItemError {
  declare readonly code: UpstreamErrorCode;

  constructor(
    code: UpstreamErrorCode,
    message: string,
    options: SpillwayErrorOptions & { details: { upstream: string; status?: number } },
  ) {
    super(code, message, {
      ...options,
      stopsJob: code === 'CREDENTIALS_REFUSED' || code === 'ADDRESS_FORBIDDEN',
    });
  }
}
