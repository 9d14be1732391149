import * as z from 'zod';
import { sleep, systemClock } from '../../core/engine/clock.ts';
import { ItemError } from '../../core/engine/errors.ts';
import type { Workload } from '../../core/jobs/workload.ts';
import { JsonNumber } from '../../core/json/number.ts';
import { defineWorkload } from '../define.ts';
import { echoErrors } from './echo-errors.ts';
import { echoFigures } from './plan.ts';

const mostMs = 600_000;

/** Fields that make an item slow or make it fail. From a file they come as text. */
const known = z.object({
  /** How long the item takes, in milliseconds. */
  delayMs: z.union([z.number().min(0).max(mostMs), z.string().regex(/^\d{0,6}$/)]).optional(),
  /** The item fails. */
  fail: z.union([z.boolean(), z.enum(['true', 'false', ''])]).optional(),
});

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any object, with its fields in order. It is not copied: copying would be most of the work. */
const item = z
  .custom<Record<string, unknown>>(isObject, 'must be an object')
  .superRefine((value, context) => {
    if (value.delayMs === undefined && value.fail === undefined) return;
    const { delayMs, fail } = value;
    const slow = delayMs instanceof JsonNumber ? Number(delayMs) : delayMs;
    for (const { path, message } of known.safeParse({ delayMs: slow, fail }).error?.issues ?? []) {
      context.addIssue({ code: 'custom', path, message });
    }
  })
  .meta({ type: 'object' });
const options = z.strictObject({
  /** How long an item takes if it does not say so itself, in milliseconds. */
  delayMs: z.number().min(0).max(mostMs).default(0),
});

type Item = z.output<typeof item>;
type Options = z.output<typeof options>;

/** Returns each item unchanged: to try the service out, and to measure it. */
export function echo(): Workload {
  return defineWorkload<Item, Options, Item>({
    name: 'echo',
    description: 'Returns each item unchanged',
    item,
    options,
    limits: {
      concurrency: 20,
      sliceSize: 10_000,
      checkpointMs: 1_000,
      expectedMsPerUnit: 50,
    },
    decisiveOptions: ({ delayMs: _, ...decisive }) => decisive,
    figures: echoFigures,
    weight: () => 1,
    async run(given, { options, signal }) {
      const ms =
        given.delayMs === undefined || given.delayMs === '' ? options.delayMs : Number(given.delayMs);
      if (ms > 0) await sleep(systemClock, ms, signal);
      if (String(given.fail) === 'true')
        throw new ItemError(echoErrors.TOLD_TO_FAIL, 'The item asks to fail');
      return given;
    },
  });
}
