import { defineErrors } from '../../core/engine/errors.ts';

export const cardErrors = defineErrors({
  INVALID_USER_ID: {
    retryable: false,
    meaning: 'The user id is empty, too long, or not a text or number.',
    whatToDo: 'Correct the cell, and submit the file of errors again.',
  },
});
