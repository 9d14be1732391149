import { defineErrors } from '../engine/errors.ts';

export const forecastErrors = defineErrors({
  PLAN_INVALID: {
    retryable: false,
    meaning: 'A figure of the plan is missing or out of range.',
    whatToDo: 'Correct the values that the message names.',
  },
  NO_SCALE: {
    retryable: false,
    meaning: 'The forecast has no scale that adapts itself.',
    whatToDo: 'Report it: a forecast always has one.',
  },
  SCALE_UNKNOWN: {
    retryable: false,
    meaning: 'There is no forecast for this number of workers.',
    whatToDo: 'Use one of the numbers in the message.',
  },
  UPSTREAM_UNKNOWN: {
    retryable: false,
    meaning: 'The plan does not call this upstream.',
    whatToDo: 'Use one of the names in the message.',
  },
  DATE_INVALID: {
    retryable: false,
    meaning: 'The start is not a date and time.',
    whatToDo: 'Write it as in `2026-01-31T09:00:00Z`.',
  },
});
