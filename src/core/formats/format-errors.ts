import { defineErrors } from '../engine/errors.ts';

export const formatErrors = defineErrors({
  FORMAT_OPTIONS_INVALID: {
    retryable: false,
    meaning: 'A reader or writer of files was given an option out of range.',
    whatToDo: 'Correct the option that the message names.',
  },
  UNKNOWN_COLUMN: {
    retryable: false,
    meaning: 'A row has a column that the first row of the output lacks.',
    whatToDo: 'Report it: the columns of an output are given.',
  },
});
