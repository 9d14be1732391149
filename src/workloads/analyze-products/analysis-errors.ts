import { defineErrors } from '../../core/engine/errors.ts';

export const analysisErrors = defineErrors({
  ASIN_INVALID: {
    retryable: false,
    meaning: 'The ASIN does not have ten letters and digits.',
    whatToDo: 'Correct the ASIN.',
  },
  ASIN_NOT_FOUND: {
    retryable: false,
    meaning: 'The marketplace has no product with this ASIN.',
    whatToDo: 'Check the ASIN and the marketplace.',
  },
  MARKETPLACE_ELSEWHERE: {
    retryable: false,
    meaning: 'The marketplace is in a region that the account does not cover.',
    whatToDo: "Use a marketplace of the account's region, or change `SP_API_REGION`.",
  },
  CURRENCY_UNKNOWN: {
    retryable: false,
    meaning: '`options.exchange` has no rate for a currency of the product.',
    whatToDo: 'Add the currency to `options.exchange`.',
  },
});
