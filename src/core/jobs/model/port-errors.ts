import { defineErrors } from '../../engine/errors.ts';

/** Errors that the ports throw, the same for every adapter. */
export const portErrors = defineErrors({
  STORE_UNAVAILABLE: {
    retryable: true,
    meaning: 'The object store (S3) cannot be reached, throttles, or denies access.',
    whatToDo: 'Nothing, unless it lasts: then check the permissions of the function and the state of AWS.',
  },
  QUEUE_UNAVAILABLE: {
    retryable: true,
    meaning: 'The message queue (SQS) cannot be reached, throttles, or denies access.',
    whatToDo: 'Nothing, unless it lasts: then check the permissions of the function and the state of AWS.',
  },
  TABLE_UNAVAILABLE: {
    retryable: true,
    meaning: 'The table (DynamoDB) cannot be reached, throttles, or denies access.',
    whatToDo: 'Nothing, unless it lasts: then check the permissions of the function and the state of AWS.',
  },
  REQUEST_REFUSED: {
    retryable: false,
    meaning: 'The store, the queue or the table refuses what the service sent, and would refuse it again.',
    whatToDo: 'Report it, with the log of the function.',
  },
  RECORD_CONTENDED: {
    retryable: true,
    meaning: 'Too many workers changed the same record at the same time.',
    whatToDo: 'Nothing. The work is taken up again.',
  },
  OBJECT_TOO_LARGE: {
    retryable: false,
    meaning: 'A stored object has more bytes than may be read at once.',
    whatToDo: 'Make the file smaller.',
  },
  UPLOAD_MISSING: {
    retryable: false,
    meaning: 'The multipart upload of an output file is gone.',
    whatToDo: 'Retry the job.',
  },
});
