import { defineErrors, ItemError, type SpillwayErrorOptions } from '../engine/errors.ts';

export const upstreamErrors = defineErrors({
  UPSTREAM_REFUSED: {
    retryable: false,
    meaning: 'The upstream refuses this request (4xx), and would refuse it again.',
    whatToDo: 'Read the answer in the message, and correct the item or the options.',
  },
  NO_DATA: {
    retryable: false,
    meaning: 'The call succeeded, but the upstream knows nothing about its subject.',
    whatToDo: 'Check the identifier in the item.',
  },
  UPSTREAM_FAILED: {
    retryable: true,
    meaning:
      'The upstream failed (5xx), or gave an answer that it does not document. 501 and 505 are not retryable.',
    whatToDo: 'Retry the job. If it fails again, ask the provider of the upstream.',
  },
  UNREACHABLE: {
    retryable: true,
    meaning: 'No connection to the upstream could be made. Nothing was sent.',
    whatToDo: 'Check the URL and the network, then retry the job.',
  },
  HOST_NOT_FOUND: {
    retryable: false,
    stopsJob: true,
    meaning: 'The DNS knows no host of this name, and none has answered before: most often a typing error.',
    whatToDo: 'Correct the host in the URL.',
  },
  ADDRESS_FORBIDDEN: {
    retryable: false,
    stopsJob: true,
    meaning: 'The URL leads to an address that is not public.',
    whatToDo: 'Use a public address. On one machine, `SPILLWAY_ALLOW_ADDRESSES` permits others.',
  },
  CONNECTION_FAILED: {
    retryable: true,
    meaning: 'The connection broke before the whole answer had arrived.',
    whatToDo: 'Retry the job.',
  },
  TIMED_OUT: {
    retryable: true,
    meaning: 'The upstream did not answer within the timeout.',
    whatToDo: 'Retry the job. If the upstream is always this slow, raise its timeout.',
  },
  ANSWER_TOO_LARGE: {
    retryable: false,
    meaning: 'The answer has more bytes than the client accepts.',
    whatToDo: 'Ask the upstream for less, or raise `maxAnswerBytes`.',
  },
  OUTCOME_UNKNOWN: {
    retryable: false,
    meaning:
      'The connection broke after the request was sent. The upstream may have acted on it, so the call is not repeated.',
    whatToDo: 'Look at the upstream whether it acted. Retry the job if it did not.',
  },
  CREDENTIALS_REFUSED: {
    retryable: false,
    stopsJob: true,
    meaning: 'The upstream refuses the key: it is wrong, lacks a permission, or has no credit left.',
    whatToDo: 'Check the key and the account, then retry the job.',
  },
});

export type UpstreamErrorCode = keyof typeof upstreamErrors;

/** An upstream did not answer a call as expected. Never holds a key, a header or a query string. */
export class UpstreamError extends ItemError {
  declare readonly code: UpstreamErrorCode;

  constructor(
    code: UpstreamErrorCode,
    message: string,
    options: SpillwayErrorOptions & { details: { upstream: string; status?: number } },
  ) {
    super(upstreamErrors[code], message, options);
  }
}
