import { describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../../../src/core/engine/clock.ts';
import { cancel } from '../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { resultsOf } from '../../../src/core/jobs/views/results.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { drain, stateOf } from './asking.ts';
import { invocation } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

describe('a cancelled job', () => {
  it('stops what is under way, starts nothing more, keeps what is finished', async () => {
    let aborted = 0;
    const { workload, submission, started, effects } = doubling(
      { concurrency: 2 },
      async ({ value }, { signal }) => {
        if (value < 2) return;
        signal.addEventListener('abort', () => {
          aborted += 1;
        });
        await sleep(systemClock, 60_000, signal);
      },
    );
    const jobs = world.jobs(workload);
    const { jobId } = await submit(jobs, submission(values(10)), 0, { waitUntil: 0, goneAt: 0 });
    const work = continueSlice(jobs, invocation(jobs.clock), { jobId, sliceId: '000000' });
    while (started.length < 4) await sleep(systemClock, 20);
    const before = Date.now();
    await cancel(jobs, await stateOf(jobs, jobId));
    await work;
    expect(Date.now() - before).toBeLessThan(2_000);
    expect(aborted).toBe(2);
    await drain(world, jobs);
    expect(started.sort()).toEqual([0, 1, 2, 3]);
    expect([...effects.values()]).toEqual([0, 2]);

    const state = await stateOf(jobs, jobId);
    expect(viewOf(state)).toMatchObject({
      status: 'cancelled',
      totalItems: 10,
      processedItems: 2,
      successCount: 2,
      pendingCount: 0,
      cancelledCount: 8,
    });
    const { results } = await resultsOf(jobs, state, { limit: 100, after: -1 });
    expect(results.map((result) => (result as { status: string }).status)).toEqual([
      ...Array(2).fill('succeeded'),
      ...Array(8).fill('cancelled'),
    ]);
    expect(await resultsOf(jobs, state, { limit: 3, after: 4, status: 'cancelled' })).toEqual({
      results: [5, 6, 7].map((index) => ({ index, status: 'cancelled' })),
      cursor: 7,
    });
    for await (const unfinished of jobs.ledger.unfinished()) expect(unfinished).not.toBe(jobId);
  });

  it('may be cancelled twice, but not after it has ended by itself', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const make = async () =>
      (await submit(jobs, submission(values(2)), 0, { waitUntil: 0, goneAt: 0 })).jobId;
    const twice = await make();
    await cancel(jobs, await stateOf(jobs, twice));
    await cancel(jobs, await stateOf(jobs, twice));
    expect((await stateOf(jobs, twice)).job.status).toBe('cancelled');

    const ended = await make();
    const earlier = await stateOf(jobs, ended);
    await drain(world, jobs);
    await expect(cancel(jobs, earlier)).rejects.toMatchObject({ code: 'JOB_ENDED' });
    expect((await stateOf(jobs, ended)).job.status).toBe('completed');
  });
});
