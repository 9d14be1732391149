import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadSplitting } from '../../../src/core/http/split.ts';
import { UpstreamError } from '../../../src/core/http/upstream-error.ts';

const refused = () => new UpstreamError('UPSTREAM_REFUSED', 'refused', { details: { upstream: 'test' } });

it('a key that spoils its calls fails alone, whichever they are, and at the cost of a few calls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.nat(99), { maxLength: 3 }),
      async (count, bad) => {
        const keys = Array.from({ length: count }, (_, key) => key);
        const spoilt = new Set(bad.filter((key) => key < count));
        let calls = 0;
        const found = await loadSplitting(keys, async (part) => {
          calls += 1;
          if (part.some((key) => spoilt.has(key))) throw refused();
          return part.map((key) => ({ value: `value of ${key}` }));
        });
        expect(found.map((one) => 'error' in one)).toEqual(keys.map((key) => spoilt.has(key)));
        expect(calls).toBeLessThanOrEqual(1 + spoilt.size * 2 * Math.ceil(Math.log2(count)));
      },
    ),
  );
});

it('what concerns every call is asked once', async () => {
  const error = new UpstreamError('CREDENTIALS_REFUSED', 'who?', { details: { upstream: 'test' } });
  let calls = 0;
  const found = await loadSplitting(['a', 'b'], async () => {
    calls += 1;
    throw error;
  });
  expect(found).toEqual([{ error }, { error }]);
  expect(calls).toBe(1);
});
