import { defineErrors } from '../core/engine/errors.ts';

export const commandErrors = defineErrors({
  UPLOAD_TOO_LARGE: {
    retryable: false,
    meaning: 'The store of the service does not accept a file of this size in one request.',
    whatToDo: 'Split the file, or run the command without `--endpoint`.',
  },
  JOB_HELD: {
    retryable: false,
    meaning: 'The job was interrupted or held, so nothing happens until it is resumed.',
    whatToDo: 'Run `spillway resume` with the id of the job, or the same `spillway run` again.',
  },
  NO_SUCH_FILE: {
    retryable: false,
    meaning: 'The job has no output file.',
    whatToDo: 'Read its outcomes with `spillway results`, or submit the batch again with an output.',
  },
});
