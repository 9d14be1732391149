import { defineErrors } from '../../core/engine/errors.ts';

export const echoErrors = defineErrors({
  TOLD_TO_FAIL: {
    retryable: false,
    meaning: 'The item asks to fail, with `"fail": true`.',
    whatToDo: 'Nothing. The workload exists for trials.',
  },
});
