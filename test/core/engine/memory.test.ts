import fc from 'fast-check';
import { expect, it } from 'vitest';
import { slotsFor } from '../../../src/core/engine/memory.ts';

it('uses every slot while there is memory, fewer as it fills up, none when it is full', () => {
  expect([0, 0.6, 0.65, 0.71, 0.79, 0.8, 1].map((used) => slotsFor(used, 8))).toEqual([8, 8, 6, 4, 1, 0, 0]);
  expect(slotsFor(0.79, 1)).toBe(1);
});

it('never has more slots with less memory, nor more than there are', () => {
  const share = fc.double({ min: 0, max: 1.2, noNaN: true });
  fc.assert(
    fc.property(share, share, fc.integer({ min: 1, max: 1000 }), (a, b, concurrency) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      expect(slotsFor(more, concurrency)).toBeLessThanOrEqual(slotsFor(less, concurrency));
      expect(slotsFor(less, concurrency)).toBeLessThanOrEqual(concurrency);
    }),
  );
});
