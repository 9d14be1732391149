import { defineErrors } from '../../core/engine/errors.ts';

export const productErrors = defineErrors({
  ALL_PHOTOS_FAILED: {
    retryable: false,
    meaning:
      'No photo of the group could be used. `details` has the error of each. Retryable if one of those is.',
    whatToDo: 'See the codes in `details`.',
  },
  PICTURE_NEEDS_REVIEW: {
    retryable: false,
    meaning:
      'A picture of the product needs review, and `onDoubt` is `fail`. `details` has each with its reasons.',
    whatToDo: 'Take another photo, or send the product with `onDoubt` `keep` or `original`.',
  },
  MODEL_FAILED: {
    retryable: true,
    meaning: 'The model that removes the background failed.',
    whatToDo: 'Retry the job.',
  },
});
