import { defineErrors } from '../../engine/errors.ts';

export const jobErrors = defineErrors({
  JOB_NOT_FOUND: {
    retryable: false,
    status: 404,
    meaning: 'You have no job with this id.',
    whatToDo: 'Check the id, and the key that you send.',
  },
  JOB_ENDED: {
    retryable: false,
    status: 409,
    meaning: 'The job has already ended, so it cannot be cancelled, held or resumed.',
    whatToDo: 'Nothing.',
  },
  JOB_NOT_ENDED: {
    retryable: true,
    status: 409,
    meaning: 'The job is still running, or its files are still being written.',
    whatToDo: 'Wait for the end of the job, then send the request again.',
  },
  NOTHING_FAILED: {
    retryable: false,
    status: 409,
    meaning: 'No item of the job failed, so there is nothing to retry.',
    whatToDo: 'Nothing.',
  },
  NO_SUCH_FILE: {
    retryable: false,
    status: 404,
    meaning: 'The job has no such file: it was submitted without an output, or nothing failed.',
    whatToDo: 'Ask for a file that the job lists in `files`.',
  },
  NOT_RECORDED: {
    retryable: true,
    meaning: 'The service could not record the job in time.',
    whatToDo: 'Send the request again with the same `Idempotency-Key`: it is run once.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    retryable: false,
    status: 409,
    meaning: 'This `Idempotency-Key` was used for a different request.',
    whatToDo: 'Use a new key for a new request.',
  },
  IDEMPOTENT_REQUEST_RUNNING: {
    retryable: true,
    status: 409,
    meaning: 'Another request with this `Idempotency-Key` is being recorded.',
    whatToDo: 'Send the request again after a moment.',
  },
  UNKNOWN_WORKLOAD: {
    retryable: false,
    status: 422,
    meaning: 'The service has no workload with this name.',
    whatToDo: 'Use one of the names in the message, or deploy the workload.',
  },
  OPTIONS_INVALID: {
    retryable: false,
    status: 422,
    meaning: 'The workload cannot run with these options.',
    whatToDo: 'Correct the option that the message names.',
  },
  SOURCE_NOT_FOUND: {
    retryable: false,
    status: 422,
    meaning: 'There is no upload with this key.',
    whatToDo: 'Upload the file first, and use the key from `POST /uploads`.',
  },
  SOURCE_MISSING: {
    retryable: false,
    meaning: 'The record of the job does not name its file.',
    whatToDo: 'Submit the file again.',
  },
  TOO_MANY_FILES: {
    retryable: false,
    status: 422,
    meaning: 'The folders hold more files than one job may have.',
    whatToDo: 'Split the files into several jobs.',
  },
  WEBHOOKS_NOT_CONFIGURED: {
    retryable: false,
    status: 422,
    meaning: 'The service has no secret to sign webhooks with.',
    whatToDo: 'Set `SPILLWAY_WEBHOOK_SECRET`, or submit the job without a webhook.',
  },
  INVALID_ITEM: {
    retryable: false,
    meaning: 'A row of the file does not fit the workload.',
    whatToDo: 'Correct the row, and submit the file of errors again.',
  },
  WORKER_DIED: {
    retryable: false,
    meaning: 'Workers died again and again while they ran this item.',
    whatToDo: 'Look at the item: it may be too large for the memory of a worker.',
  },
  HOPS_EXHAUSTED: {
    retryable: true,
    meaning: 'The item was handed on too often without being finished: it never fits a budget.',
    whatToDo: 'Make the item smaller, or raise the timeout of the function; then retry the job.',
  },
  WAITS_EXHAUSTED: {
    retryable: true,
    meaning: 'The item waited for an upstream too often.',
    whatToDo: 'Check the upstream, then retry the job.',
  },
  NOT_DELIVERED: {
    retryable: true,
    meaning: 'The queue delivered the message too often without success.',
    whatToDo: 'Read the log of the service, then retry the job.',
  },
  TOO_MANY_FAILURES: {
    retryable: true,
    meaning: 'Too many of the last items failed, so the job was stopped.',
    whatToDo: 'Correct what the message names, then retry the job.',
  },
  PLANNING_DIED: {
    retryable: true,
    meaning: 'The file could not be cut into slices, however often it was tried.',
    whatToDo: 'Read the log of the service, then retry the job.',
  },
  FILES_NOT_WRITTEN: {
    retryable: true,
    meaning: 'The files of the job could not be written, however often it was tried.',
    whatToDo: 'Retry the job. Its outcomes are there, so only the files are written again.',
  },
  CANCELLED: {
    retryable: true,
    meaning: 'The job was stopped before this item was done.',
    whatToDo: 'Retry the job to run the item.',
  },
  JOB_CANCELLED: {
    retryable: false,
    meaning: 'The job was cancelled while the item ran.',
    whatToDo: 'Retry the job to run the item.',
  },
  ITEMS_MISSING: {
    retryable: false,
    meaning: 'The stored items of a slice have expired, or were deleted.',
    whatToDo: 'Submit the batch again.',
  },
  OUTCOMES_MISSING: {
    retryable: false,
    meaning: 'The stored outcomes of a slice have expired, or were deleted.',
    whatToDo: 'Submit the batch again.',
  },
  LEASE_LOST: {
    retryable: true,
    meaning: 'Another worker has taken over what this one was working on.',
    whatToDo: 'Nothing. The other worker finishes it.',
  },
  SLICE_BUSY: {
    retryable: true,
    meaning: 'A worker still holds a slice that is about to be given up.',
    whatToDo: 'Nothing. The message comes again.',
  },
});
