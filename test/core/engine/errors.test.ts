import { describe, expect, it } from 'vitest';
import {
  defineErrors,
  failureOf,
  ItemError,
  itemErrors,
  Postponed,
  SpillwayError,
  toFailure,
} from '../../../src/core/engine/errors.ts';

const texts = { meaning: 'It went wrong.', whatToDo: 'Nothing.' };
const errors = defineErrors({
  PASSES: { retryable: true, status: 503, ...texts },
  STAYS: { retryable: false, ...texts },
  STOPS: { retryable: false, stopsJob: true, ...texts },
});

describe('an error made of its declaration', () => {
  it('has its code, and is retryable and answered as declared', () => {
    const error = new SpillwayError(errors.PASSES, 'later');
    expect(error).toMatchObject({ code: 'PASSES', message: 'later', retryable: true, httpStatus: 503 });
    expect(new SpillwayError(errors.STAYS, 'never')).toMatchObject({ retryable: false });
    expect(new SpillwayError(errors.STAYS, 'never').httpStatus).toBeUndefined();
  });

  it('may say otherwise where one code has both kinds of causes', () => {
    expect(new SpillwayError(errors.PASSES, 'not this time', { retryable: false }).retryable).toBe(false);
  });

  it('stops the job as declared', () => {
    expect(new ItemError(errors.STOPS, 'refused').stopsJob).toBe(true);
    expect(new ItemError(errors.STAYS, 'refused').stopsJob).toBe(false);
  });

  it('tells a failure the same, thrown or not', () => {
    const thrown = toFailure(new ItemError(errors.PASSES, 'later', { details: { row: 3 } }));
    expect(thrown).toEqual({ code: 'PASSES', message: 'later', retryable: true, details: { row: 3 } });
    expect(failureOf(errors.PASSES, 'later', { row: 3 })).toEqual(thrown);
  });
});

describe('an error without a declaration', () => {
  it('is a workload’s own: not retryable unless it says so', () => {
    expect(new ItemError('OWN_CODE', 'mine')).toMatchObject({ code: 'OWN_CODE', retryable: false });
    expect(new ItemError('OWN_CODE', 'mine', { retryable: true }).retryable).toBe(true);
    expect(new ItemError('OWN_CODE', 'mine', { stopsJob: true }).stopsJob).toBe(true);
  });

  it('is retryable where it only postpones', () => {
    expect(new Postponed('LATER', 'not now', 'an API', 5)).toMatchObject({ retryable: true, until: 5 });
  });

  it('becomes ITEM_FAILED where it has no code', () => {
    expect(toFailure(new TypeError('x is undefined'))).toEqual({
      code: itemErrors.ITEM_FAILED.code,
      message: 'x is undefined',
      retryable: true,
    });
  });
});
