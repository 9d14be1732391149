import { defineErrors } from '../../core/engine/errors.ts';

export const leadErrors = defineErrors({
  LEAD_INCOMPLETE: {
    retryable: false,
    meaning: 'A required cell of the row is empty.',
    whatToDo: 'Fill the cells that the message names, and submit the file of errors again.',
  },
  INVALID_DOMAIN: {
    retryable: false,
    meaning: '`domain` is not a domain name.',
    whatToDo: 'Correct the cell, and submit the file of errors again.',
  },
  INVALID_EMAIL: {
    retryable: false,
    meaning: '`email` is not an e-mail address.',
    whatToDo: 'Correct the cell, and submit the file of errors again.',
  },
  PROMPT_COLUMN_MISSING: {
    retryable: false,
    meaning: 'The prompt names a column that the row does not have.',
    whatToDo: 'Correct the prompt, or add the column.',
  },
  EMAIL_CUT_OFF: {
    retryable: false,
    meaning: 'The e-mail is longer than `maxEmailTokens` allows.',
    whatToDo: 'Raise `maxEmailTokens`, or ask for a shorter e-mail.',
  },
  EMAIL_EMPTY: {
    retryable: true,
    meaning: 'The model wrote nothing.',
    whatToDo: 'Retry the job.',
  },
  BATCH_RUNNING: {
    retryable: true,
    meaning: 'The batch at Groq has not ended yet. The row waits in the queue.',
    whatToDo: 'Nothing. A batch may take up to a day.',
  },
  BATCH_INVALID: {
    retryable: false,
    meaning: 'A batch for Groq has no requests, or too many.',
    whatToDo: 'Report it: batches are cut to fit.',
  },
});
