import { defineErrors } from '../../src/core/engine/errors.ts';

export const edgeErrors = defineErrors({
  MALFORMED_JSON: {
    retryable: false,
    status: 400,
    meaning: 'The body is not JSON.',
    whatToDo: 'Correct the body at the place that the message names.',
  },
  TOO_DEEP: {
    retryable: false,
    status: 400,
    meaning: 'The objects and arrays of the body are nested too deeply.',
    whatToDo: 'Send the data with fewer levels.',
  },
  UNAUTHORIZED: {
    retryable: false,
    status: 401,
    meaning: 'The request has no key, or one that the service does not know.',
    whatToDo: 'Send `Authorization: Bearer KEY` or `x-api-key: KEY`.',
  },
  NOT_FOUND: {
    retryable: false,
    status: 404,
    meaning: 'There is no such path.',
    whatToDo: 'See `GET /openapi.json` for the paths.',
  },
  PRODUCT_NOT_FOUND: {
    retryable: false,
    status: 404,
    meaning: 'You have no product with this id.',
    whatToDo: 'Check the `catalogId`, and the key that you send.',
  },
  PRODUCT_BUSY: {
    retryable: true,
    status: 409,
    meaning: 'The product kept changing while this change was made.',
    whatToDo: 'Send the request again after a moment.',
  },
  METHOD_NOT_ALLOWED: {
    retryable: false,
    status: 405,
    meaning: 'The path exists, but not with this method.',
    whatToDo: 'Use a method that the `Allow` header names.',
  },
  NOT_ACCEPTABLE: {
    retryable: false,
    status: 406,
    meaning: 'The answer cannot have the media type that the request accepts.',
    whatToDo: 'Accept `application/json`, or submit items in place of a file.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    retryable: false,
    status: 415,
    meaning: 'The body is not sent as JSON in UTF-8, or it is compressed.',
    whatToDo: 'Send `Content-Type: application/json`, and no `Content-Encoding`.',
  },
  INVALID_INPUT: {
    retryable: false,
    status: 422,
    meaning: 'The body or the query does not fit the schema. `errors` names each place.',
    whatToDo: 'Correct the places in `errors`. `GET /openapi.json` has the schema.',
  },
  SERVICE_UNAVAILABLE: {
    retryable: true,
    status: 503,
    meaning: 'The service could not do this just now.',
    whatToDo: 'Send the request again after `Retry-After` seconds, with the same `Idempotency-Key`.',
  },
});
