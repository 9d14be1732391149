import { defineErrors } from '../engine/errors.ts';

export const httpErrors = defineErrors({
  UPSTREAM_INVALID: {
    retryable: false,
    meaning: 'An upstream is defined with a value out of range.',
    whatToDo: 'Correct the value that the message names.',
  },
  CONCURRENCY_INVALID: {
    retryable: false,
    meaning: 'The concurrency of an upstream is defined with a value out of range.',
    whatToDo: 'Correct the value that the message names.',
  },
  COALESCER_INVALID: {
    retryable: false,
    meaning: 'A batched look-up is defined with a value out of range.',
    whatToDo: 'Correct the value that the message names.',
  },
  UNKNOWN_RATE: {
    retryable: false,
    meaning: 'A call uses a rate that its upstream does not define.',
    whatToDo: 'Define the rate, or name one of those in the message.',
  },
  ANSWER_MISSING: {
    retryable: true,
    meaning: 'An upstream answered a batch of look-ups, but left this one out.',
    whatToDo: 'Retry the job. If the answer stays incomplete, ask the provider of the upstream.',
  },
  RETRY_TOO_LATE: {
    retryable: true,
    meaning: 'The next attempt at a call comes after the budget of this invocation ends.',
    whatToDo: 'Nothing. A later invocation takes the item up again.',
  },
});
