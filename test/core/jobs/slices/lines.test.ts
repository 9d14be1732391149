import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../src/core/jobs/model/job.ts';
import type { Blobs } from '../../../../src/core/jobs/model/ports.ts';
import type { Slice } from '../../../../src/core/jobs/model/slice.ts';
import { newSlice } from '../../../../src/core/jobs/model/slice.ts';
import {
  type IndexedItem,
  readItems,
  readOutcomes,
  writeItems,
  writeOutcomes,
} from '../../../../src/core/jobs/slices/objects.ts';
import { jsonNumber } from '../../../../src/core/json/number.ts';
import { fromMembers } from '../../../../src/core/json/shape.ts';
import { toJson } from '../../../../src/core/json/text.ts';

const slice: Slice = { ...newSlice({ jobId: 'j', id: '000000', from: 0, span: 1_000 }, 0), parts: ['1-0'] };

/** Just what these functions ask of a store. */
function store() {
  const objects = new Map<string, Buffer>();
  const blobs = {
    put: async (key: string, body: Uint8Array | string) => void objects.set(key, Buffer.from(body)),
    get: async (key: string) => objects.get(key),
  } as unknown as Blobs;
  const text = () => [...objects.values()].map(String).join('');
  return { blobs, text };
}

/** Few names, so that many rows have the same columns, and some the same in another order. */
const name = fc.constantFrom('a', 'b', 'columns', 'n\n', '__proto__', '2019', '7');
/** Numbers that only their text can keep. */
const digits = fc.constantFrom('1610521604143693812', '12345678901234567890', '1.10', '1e400', '-0', '0.10');
const cell = fc.oneof(
  fc.jsonValue(),
  digits.map(jsonNumber),
  fc.jsonValue().map((value) => ({ value, 10: 1 })),
);
const fields = fc.array(fc.tuple(name, cell)).map(fromMembers);
const anything = fc.oneof({ weight: 4, arbitrary: fields }, fc.jsonValue());

/** The parts of an item or outcome, which may be listed in any order; their values may not. */
const inOneOrder = (one: Outcome | IndexedItem) =>
  Object.fromEntries(Object.entries(one).map(([part, value]) => [part, toJson(value)]));

describe('what is kept of a slice', () => {
  it('are its items, whatever they are', async () => {
    const item: fc.Arbitrary<Omit<IndexedItem, 'index'>> = fc.oneof(
      fc.record({ item: anything }),
      fc.record({ item: anything, row: fc.nat() }),
      fc.record({
        item: fc.constant({}),
        row: fc.nat(),
        problem: fc.record({ code: fc.constant('JSON_INVALID' as const), message: fc.string() }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(item), async (items) => {
        const { blobs } = store();
        const given = items.map((one, index) => ({ ...one, index }));
        await writeItems(blobs, slice, given);
        expect((await readItems(blobs, slice)).map(inOneOrder)).toEqual(given.map(inOneOrder));
      }),
    );
  });

  it('are its outcomes, whatever they are', async () => {
    const shared = {
      attempts: fc.integer({ min: 1, max: 2 }),
      durationMs: fc.nat(),
      ranOn: fc.constantFrom('x', 'y'),
    };
    const outcome = fc.oneof(
      fc.record({ ...shared, status: fc.constant('succeeded' as const), output: anything }),
      fc.record({
        ...shared,
        status: fc.constant('succeeded' as const),
        output: fields,
        itemId: fc.string(),
      }),
      fc.record({
        ...shared,
        status: fc.constant('failed' as const),
        error: fc.record({ code: fc.string(), message: fc.string(), retryable: fc.boolean() }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { minLength: 1 }), async (outcomes) => {
        const { blobs } = store();
        const given: Outcome[] = outcomes.map((one, index) => ({ ...one, index }));
        await writeOutcomes(blobs, slice, '1-0', given);
        expect((await readOutcomes(blobs, [slice])).map(inOneOrder)).toEqual(given.map(inOneOrder));
      }),
    );
  });

  it('tells names once, and keeps the order of fields', async () => {
    const { blobs, text } = store();
    const items = [0, 1, 2].map((index) => ({
      index,
      row: index + 2,
      item: { name: `n${index}`, city: 'Ulm' },
    }));
    await writeItems(blobs, slice, items);
    expect(text().match(/city/g)).toHaveLength(1);
    const [first] = await readItems(blobs, slice);
    expect(Object.keys(first?.item as object)).toEqual(['name', 'city']);
  });
});
