import { defineErrors } from '../core/engine/errors.ts';

export const workloadErrors = defineErrors({
  WORKLOAD_INVALID: {
    retryable: false,
    meaning: 'A workload is defined with a value that cannot work.',
    whatToDo: 'Correct the value that the message names.',
  },
});
