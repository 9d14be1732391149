import * as z from 'zod';
import { sleep, systemClock } from '../../../src/core/engine/clock.ts';
import { ItemError } from '../../../src/core/engine/errors.ts';
import type { Submission } from '../../../src/core/jobs/submit.ts';
import type { ItemContext, Workload, WorkloadLimits } from '../../../src/core/jobs/workload.ts';
import { defineWorkload } from '../../../src/workloads/define.ts';

export interface TestItem {
  value: number;
  ms?: number | undefined;
  fails?: boolean | undefined;
}

const item = z.object({ value: z.number(), ms: z.number().optional(), fails: z.boolean().optional() });
const options = z.object({});

/** Each test has a workload of its own name, so that none learns from another's durations. */
let made = 0;

export interface Recorded {
  workload: Workload;
  submission(items: readonly TestItem[]): Submission;
  /** Effects by idempotency key: the outside world as it ends up. */
  effects: Map<string, number>;
  /** Values in the order in which they were started. */
  started: number[];
  undone: number[];
}

/** A workload that doubles values after a while, and remembers what it did. */
export function doubling(
  limits: Partial<WorkloadLimits> = {},
  before: (item: TestItem, context: ItemContext<unknown>) => Promise<void> = async () => {},
): Recorded {
  const effects = new Map<string, number>();
  const started: number[] = [];
  const undone: number[] = [];
  made += 1;
  const workload = defineWorkload<TestItem, object, number>({
    name: `doubling-${made}`,
    description: 'A workload for tests',
    item,
    options,
    limits: { concurrency: 5, sliceSize: 5, checkpointMs: 0, expectedMsPerUnit: 10, ...limits },
    weight: () => 1,
    async run(one, context) {
      started.push(one.value);
      await before(one, context);
      await sleep(systemClock, one.ms ?? 0, context.signal);
      if (one.fails) throw new ItemError('BAD_VALUE', `cannot double ${one.value}`);
      effects.set(context.idempotencyKey, one.value * 2);
      return one.value * 2;
    },
    async undo({ index }) {
      undone.push(index);
    },
  });
  const submission = (items: readonly TestItem[]) => ({
    tenant: 'acme',
    workload: workload.name,
    items,
    options: {},
  });
  return { workload, submission, effects, started, undone };
}

export const values = (count: number, more: Partial<TestItem> = {}): TestItem[] =>
  Array.from({ length: count }, (_, value) => ({ value, ...more }));
