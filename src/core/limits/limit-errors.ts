import { defineErrors } from '../engine/errors.ts';

export const limitErrors = defineErrors({
  TURN_TOO_LATE: {
    retryable: true,
    meaning: 'A shared rate gives the call its turn only after the budget of this invocation ends.',
    whatToDo: 'Nothing. A later invocation takes the item up again.',
  },
  COST_TOO_HIGH: {
    retryable: false,
    meaning: 'One call takes more units than the rate allows at once.',
    whatToDo: 'Raise the `burst` of the rate, or split the call.',
  },
  SEATS_TAKEN: {
    retryable: true,
    meaning: 'Other workers make all the calls that this upstream accepts at the same time.',
    whatToDo: 'Nothing. A later invocation takes the item up again.',
  },
  SEATS_INVALID: {
    retryable: false,
    meaning: 'A workload sets a number of simultaneous calls that is not a whole number from 1.',
    whatToDo: 'Correct the number that the message names.',
  },
  UPSTREAM_DOWN: {
    retryable: true,
    meaning: 'An upstream has been down for a while. The item waits in the queue.',
    whatToDo: 'Nothing, unless the outage lasts: then ask the provider of the upstream.',
  },
  UPSTREAM_RECOVERING: {
    retryable: true,
    meaning: 'An upstream is down, and the next probe comes after the budget of this invocation ends.',
    whatToDo: 'Nothing. A later invocation takes the item up again.',
  },
  BREAKER_INVALID: {
    retryable: false,
    meaning: 'The circuit breaker of an upstream is defined with a value out of range.',
    whatToDo: 'Correct the value that the message names.',
  },
  RATE_INVALID: {
    retryable: false,
    meaning: 'A rate of an upstream is defined with a value out of range.',
    whatToDo: 'Correct the value that the message names.',
  },
});
