import { defineErrors } from '../../core/engine/errors.ts';

export const callErrors = defineErrors({
  CONFIG_INVALID: {
    retryable: false,
    meaning: 'The configuration file of the run has an invalid value.',
    whatToDo: 'Correct the values that the message names.',
  },
  TEMPLATE_INVALID: {
    retryable: false,
    meaning: 'A template has a placeholder that cannot be filled, or is nested too deeply.',
    whatToDo: 'Correct the template at the place that the message names.',
  },
  PATH_INVALID: {
    retryable: false,
    meaning: 'A path in `response_fields` is not a path.',
    whatToDo: 'Write it as in `cards[0].id`.',
  },
  SECRET_INVALID: {
    retryable: false,
    meaning: 'A reference to a secret has a name that cannot be looked up.',
    whatToDo: 'In the reference, use only capital letters, digits and `_`.',
  },
  SECRET_NOT_SET: {
    retryable: false,
    stopsJob: true,
    meaning: 'A secret that the request refers to is not set, or has characters that a header cannot carry.',
    whatToDo: 'Set the variable that the message names for the workers, then retry the job.',
  },
  NO_STAND_IN: {
    retryable: false,
    stopsJob: true,
    meaning: 'The URL names a stand-in, but the service runs none.',
    whatToDo: 'Use the URL of the real API, or run the service on one machine.',
  },
  MISSING_VALUE: {
    retryable: false,
    meaning: 'A column that a template needs is empty.',
    whatToDo: 'Fill the cell, and submit the file of errors again.',
  },
  INVALID_VALUE: {
    retryable: false,
    meaning:
      'A cell does not have the type that a template asks for, or cannot be sent where the template puts it.',
    whatToDo: 'Correct the cell, and submit the file of errors again.',
  },
  FIELD_MISSING: {
    retryable: false,
    meaning: 'The answer of the API lacks a field that the options ask for.',
    whatToDo: 'Correct the path, or set `missing_fields: empty`.',
  },
});
