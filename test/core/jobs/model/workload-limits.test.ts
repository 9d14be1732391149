import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { sleep, systemClock } from '../../../../src/core/engine/clock.ts';
import { limitsOf } from '../../../../src/core/jobs/model/workload-limits.ts';
import { submit } from '../../../../src/core/jobs/submit.ts';
import type { Tuning, Workload } from '../../../../src/core/jobs/workload.ts';
import { defineWorkload } from '../../../../src/workloads/define.ts';
import { drain, stateOf } from '../asking.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();

/** Its options are its tuning; it notes how many items run at a time. */
function tunable(): { workload: Workload; most: () => number } {
  let running = 0;
  let most = 0;
  const workload = defineWorkload<number, Tuning, number>({
    name: 'tunable',
    description: 'A workload for tests',
    item: z.number(),
    options: z.custom<Tuning>(),
    limits: { concurrency: 1, sliceSize: 10, checkpointMs: 0, expectedMsPerUnit: 5 },
    weight: () => 1,
    tune: (options) => options,
    async run(ms, { signal }) {
      running += 1;
      most = Math.max(most, running);
      try {
        await sleep(systemClock, ms, signal);
        return ms;
      } finally {
        running -= 1;
      }
    },
  });
  return { workload, most: () => most };
}

async function run(options: Tuning, items: number[]) {
  const { workload, most } = tunable();
  const jobs = world.jobs(workload);
  const submission = { tenant: 'acme', workload: workload.name, items, options };
  const { jobId } = await submit(jobs, submission, 0, { waitUntil: 0, goneAt: 0 });
  await drain(world, jobs);
  return { most: most(), state: await stateOf(jobs, jobId) };
}

describe("a job's options", () => {
  it('set how many items run at a time, and how long one may take', async () => {
    const { most, state } = await run({ concurrency: 3, timeoutMs: 400 }, [20, 20, 20, 20, 5_000, 20]);
    expect(most).toBe(3);
    expect(state.outcomes.map((one) => one.status === 'failed' && one.error.code)).toEqual([
      ...Array(4).fill(false),
      'ITEM_TIMED_OUT',
      false,
    ]);
  });

  it('change nothing that they do not name', async () => {
    const { workload } = tunable();
    expect(limitsOf(workload, { concurrency: undefined })).toEqual(workload.limits);
    expect((await run({}, [1, 1, 1])).most).toBe(1);
  });

  for (const [options, message] of [
    [{ concurrency: 0 }, 'concurrency must be a whole number from 1 to 1000; got 0'],
    [{ timeoutMs: 1e9 }, 'timeoutMs must be a whole number from 1 to 900000; got 1000000000'],
    [{ failures: { share: 1, of: 5 } }, 'failures.share must be at least 0 and below 1; got 1'],
    [{ failures: { share: 0.5, of: 0 } }, 'failures.of must be a whole number from 1 to 10000; got 0'],
  ] as const) {
    it(`are refused before there is a job: ${message}`, async () => {
      await expect(run(options, [1])).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        message: `tunable cannot run with these options: ${message}`,
      });
      expect(await world.receive()).toEqual([]);
    });
  }
});
