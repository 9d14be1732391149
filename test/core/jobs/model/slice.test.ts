import { expect, it } from 'vitest';
import { splitFrom } from '../../../../src/core/jobs/model/slice.ts';

it.each([
  ['000012', []],
  ['000012.0', ['000012']],
  ['000012.0.3', ['000012', '000012.0']],
  // A round runs what is left of the one before: that one's slices had the items before its own began.
  ['000012.r1', []],
  ['000012.0.r1', []],
  ['000012.0.r1.2', ['000012.0.r1']],
])('%s was split from %j in its round', (id, expected) => {
  expect(splitFrom(id)).toEqual(expected);
});
