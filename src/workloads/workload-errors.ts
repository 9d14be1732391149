import { defineErrors } from '../core/engine/errors.ts';

export const workloadErrors = defineErrors({
  WORKLOAD_INVALID: {
    retryable: false,
    meaning: 'A workload is defined with a value that cannot work.',
    whatToDo: 'Correct the value that the message names.',
  },
  CREDENTIALS_MISSING: {
    retryable: false,
    stopsJob: true,
    meaning: 'The service has no key for an upstream that the job needs.',
    whatToDo: 'Set the variables that the message names, then retry the job.',
  },
});
