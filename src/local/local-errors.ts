import { defineErrors } from '../core/engine/errors.ts';

/** Errors of the gateway itself; functions have their own. */
export const gatewayErrors = defineErrors({
  BAD_PATH: {
    retryable: false,
    status: 400,
    meaning: 'The path is not properly encoded.',
    whatToDo: 'Encode the path as RFC 3986 says.',
  },
  UNAUTHORIZED: {
    retryable: false,
    status: 401,
    meaning: 'The request has no key.',
    whatToDo: 'Send `Authorization: Bearer KEY` or `x-api-key: KEY`.',
  },
  FORBIDDEN: {
    retryable: false,
    status: 403,
    meaning: 'The key does not permit this request.',
    whatToDo: 'Use another key.',
  },
  NOT_FOUND: {
    retryable: false,
    status: 404,
    meaning: 'There is no such path.',
    whatToDo: 'See `GET /openapi.json` for the paths.',
  },
  METHOD_NOT_ALLOWED: {
    retryable: false,
    status: 405,
    meaning: 'The path exists, but not with this method.',
    whatToDo: 'Use a method that the `Allow` header names.',
  },
  PAYLOAD_TOO_LARGE: {
    retryable: false,
    status: 413,
    meaning: 'The body has more bytes than a gateway accepts, or a function may receive.',
    whatToDo: 'Upload the data as a file, and submit the key.',
  },
  FUNCTION_FAILED: {
    retryable: true,
    status: 500,
    meaning: 'The function that answers this request failed, ran into its timeout, or died.',
    whatToDo: 'Read the log of the function.',
  },
  SERVICE_UNAVAILABLE: {
    retryable: true,
    status: 503,
    meaning: 'The function did not answer in time, or the service is stopping.',
    whatToDo: 'Send the request again, with the same `Idempotency-Key`.',
  },
});

export const localErrors = defineErrors({
  CONFIG_INVALID: {
    retryable: false,
    meaning: '`serverless.yml` has something that cannot be served on one machine.',
    whatToDo: 'Correct the place that the message names.',
  },
  API_KEYS_INVALID: {
    retryable: false,
    meaning: 'An entry of `SPILLWAY_API_KEYS` is not of the form `tenant:key`.',
    whatToDo: 'Correct the entry that the message names.',
  },
  SERVERS_MISCONFIGURED: {
    retryable: false,
    meaning: 'The settings of the servers contradict each other.',
    whatToDo: 'Correct the settings that the message names.',
  },
  SERVER_UNUSABLE: {
    retryable: false,
    meaning: 'A server of S3, SQS or DynamoDB cannot be reached, or refuses what the service needs.',
    whatToDo: 'Check the URL and the credentials that the message names.',
  },
  DATA_DIR_UNUSABLE: {
    retryable: false,
    meaning: 'The data directory cannot be created or written.',
    whatToDo: 'Check the permissions.',
  },
  DATA_DIR_IN_USE: {
    retryable: false,
    meaning: 'Another service on this machine uses the data directory.',
    whatToDo: 'Stop the other service, or talk to it with `--endpoint`.',
  },
  SOURCE_CHANGED: {
    retryable: false,
    meaning: 'A file has changed since its job was submitted.',
    whatToDo: 'Run the command again: the changed file is a new job.',
  },
  WAITED_TOO_LONG: {
    retryable: true,
    meaning: 'The machine took too long to start or stop a part of the service.',
    whatToDo: 'Try again. If it happens again, read the log.',
  },
});
