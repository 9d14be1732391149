import * as z from 'zod';
import { ItemError } from '../../src/core/engine/errors.ts';
import type { Workload } from '../../src/core/jobs/workload.ts';
import { defineWorkload } from '../../src/workloads/define.ts';

/** A row with its columns in their order, of which `text` has to be a text. */
const item = z
  .record(z.string(), z.unknown())
  .refine(({ text }) => typeof text === 'string', { path: ['text'], error: 'must be a text' });
const options = z.strictObject({ minLength: z.int().min(1).max(50).default(1) });

type Item = z.output<typeof item>;
type Options = z.output<typeof options>;

export function wordCount(): Workload {
  return defineWorkload<Item, Options, Item>({
    name: 'word-count',
    description: 'Counts the words of a text',
    item,
    options,
    columns: ['text'],
    limits: { concurrency: 5, sliceSize: 100, checkpointMs: 500, expectedMsPerUnit: 20 },
    weight: () => 1,
    figures: () => ({
      itemMs: { typical: 20 },
      sourceBytes: 200,
      outputBytes: 220,
      assumed: ['a text has 200 bytes and takes 20 ms'],
    }),
    async run(row, { options, signal }) {
      signal.throwIfAborted();
      const text = String(row.text).trim();
      if (text === '') throw new ItemError('TEXT_EMPTY', 'Column "text" is empty');
      const words = text.split(/\s+/).filter((word) => word.length >= options.minLength);
      return { ...row, words: words.length };
    },
  });
}
