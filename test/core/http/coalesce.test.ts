import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCoalescer } from '../../../src/core/http/coalesce.ts';
import { FakeClock } from '../engine/fake-clock.ts';

const never = { signal: new AbortController().signal, stopAt: Number.POSITIVE_INFINITY };

it('never mixes answers: each look-up gets its own value or its own error, and batches keep to their size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 50 }),
      fc.array(
        fc.record({
          key: fc.nat(20),
          at: fc.nat(200),
          abortAfter: fc.option(fc.nat(100), { nil: undefined }),
        }),
        { minLength: 1, maxLength: 60 },
      ),
      fc.func(fc.constantFrom('value', 'error', 'whole batch fails')),
      async (size, maxWaitMs, lookups, fate) => {
        const clock = new FakeClock();
        const sizes: number[] = [];
        const { get } = createCoalescer<number, string>({
          size,
          maxWaitMs,
          clock,
          async load(keys) {
            sizes.push(keys.length);
            await clock.sleep(30);
            if (fate(keys[0]) === 'whole batch fails') throw new Error(`batch of ${keys.join()}`);
            return keys.map((key) =>
              fate(key) === 'error' ? { error: new Error(`error of ${key}`) } : { value: `value of ${key}` },
            );
          },
        });
        const one = async ({ key, at, abortAfter }: (typeof lookups)[number]) => {
          await clock.sleep(at);
          const stop = new AbortController();
          if (abortAfter !== undefined) clock.after(abortAfter, () => stop.abort(new Error('gave up')));
          try {
            expect(await get(key, { ...never, signal: stop.signal })).toBe(`value of ${key}`);
          } catch (error) {
            const { message } = error as Error;
            if (message === 'gave up') expect(abortAfter).toBeDefined();
            else if (message.startsWith('batch of ')) expect(message).toMatch(new RegExp(`\\b${key}\\b`));
            else expect(message).toBe(`error of ${key}`);
          }
        };
        await clock.run(Promise.all(lookups.map(one)));
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(size);
      },
    ),
    { numRuns: 200 },
  );
});

describe('a batch', () => {
  const counting = (size: number, maxWaitMs: number) => {
    const clock = new FakeClock();
    const calls: { at: number; keys: readonly string[]; signal: AbortSignal; stopAt: number }[] = [];
    const coalescer = createCoalescer<string, string>({
      size,
      maxWaitMs,
      clock,
      async load(keys, turn) {
        calls.push({ at: clock.now(), keys, ...turn });
        await clock.sleep(100);
        return keys.map((value) => ({ value }));
      },
    });
    return { clock, calls, get: coalescer.get };
  };

  it('goes out at once when it is full, otherwise when its first look-up has waited long enough', async () => {
    const { clock, calls, get } = counting(3, 50);
    const all = Promise.all(['a', 'b', 'c', 'd'].map((key) => get(key, never)));
    expect(await clock.run(all)).toEqual(['a', 'b', 'c', 'd']);
    expect(calls).toMatchObject([
      { at: 0, keys: ['a', 'b', 'c'] },
      { at: 50, keys: ['d'] },
    ]);
  });

  it('has until the last of its callers has', async () => {
    const { clock, calls, get } = counting(2, 50);
    await clock.run(Promise.all([get('a', { ...never, stopAt: 500 }), get('b', { ...never, stopAt: 300 })]));
    expect(calls[0]?.stopAt).toBe(500);
  });

  it('is called off when all have given up, and only then', async () => {
    const { clock, calls, get } = counting(2, 50);
    const [first, second] = [new AbortController(), new AbortController()];
    const both = Promise.allSettled([
      get('a', { ...never, signal: first.signal }),
      get('b', { ...never, signal: second.signal }),
    ]);
    clock.after(20, () => first.abort());
    clock.after(40, () => expect(calls[0]?.signal.aborted).toBe(false));
    clock.after(60, () => second.abort());
    const settled = await clock.run(both);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(clock.now()).toBe(60);
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  it('that is given up before it goes out is never sent', async () => {
    const { clock, calls, get } = counting(2, 50);
    const stop = new AbortController();
    clock.after(20, () => stop.abort(new Error('gave up')));
    await expect(clock.run(get('a', { ...never, signal: stop.signal }))).rejects.toThrow('gave up');
    await clock.run(clock.sleep(200));
    expect(calls).toEqual([]);
  });

  it('that lacks an answer fails only that look-up', async () => {
    const clock = new FakeClock();
    const { get } = createCoalescer<string, string>({
      size: 2,
      maxWaitMs: 0,
      clock,
      load: async () => [{ value: 'A' }],
    });
    const settled = await clock.run(Promise.allSettled([get('a', never), get('b', never)]));
    expect(settled).toMatchObject([{ value: 'A' }, { reason: { code: 'ANSWER_MISSING' } }]);
  });
});

describe('a coalescer that cannot be', () => {
  for (const [size, maxWaitMs, message] of [
    [0, 10, 'size must be a whole number of at least 1, but was 0'],
    [2.5, 10, 'size must be a whole number of at least 1, but was 2.5'],
    [1, -1, 'maxWaitMs must be 0 or more, but was -1'],
  ] as const) {
    it(`is refused: ${message}`, () => {
      const make = () => createCoalescer({ size, maxWaitMs, clock: new FakeClock(), load: async () => [] });
      expect(make).toThrow(expect.objectContaining({ code: 'COALESCER_INVALID', message }));
    });
  }
});
