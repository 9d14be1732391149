import { expect, it } from 'vitest';
import { withErrors, withoutErrors } from '../../../../src/core/jobs/files/error-columns.ts';

it('takes old errors from a row where they stand behind all else, and leaves columns of such names elsewhere', () => {
  const errors = { error_code: 'A', error_message: 'b' };
  expect(withoutErrors({ n: 1, ...errors })).toEqual({ n: 1 });
  expect(withoutErrors(errors)).toEqual({});
  for (const row of [
    { n: 1 },
    { ...errors, n: 1 },
    { n: 1, error_message: 'b' },
    { error_code: 'A', n: 1, error_message: 'b' },
    { n: 1, error_message: 'b', error_code: 'A' },
  ]) {
    expect(withoutErrors(row)).toBe(row);
  }
});

it('puts the error columns last, and leaves them out where a file takes no more columns', () => {
  expect(withErrors(['error_code', 'a', 'error_message', 'b'], 4)).toEqual([
    'a',
    'b',
    'error_code',
    'error_message',
  ]);
  expect(withErrors(['a', 'b'], 3)).toEqual(['a', 'b']);
});
