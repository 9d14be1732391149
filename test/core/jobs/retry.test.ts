import { describe, expect, it } from 'vitest';
import { ItemError } from '../../../src/core/engine/errors.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { sweep } from '../../../src/core/jobs/sweep.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { drain, indices, stateOf, upTo } from './asking.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

/** A job of 20 items in slices of 5, of which those in `failing` fail. */
async function ended(more: Partial<JobsContext> = {}) {
  const failing = new Set([3, 4, 11]);
  const made = doubling({}, async ({ value }) => {
    if (failing.has(value)) throw new ItemError('UNLUCKY', `no luck with ${value}`, { retryable: true });
  });
  const jobs = world.jobs(made.workload, undefined, more);
  const { jobId } = await submit(jobs, made.submission(values(20)), 0, { waitUntil: 0, goneAt: 0 });
  await drain(world, jobs);
  made.started.length = 0;
  return { ...made, failing, jobs, jobId };
}

describe('a job that is run again', () => {
  it('runs only what failed, and has one outcome for each item in the end', async () => {
    const { jobs, jobId, started, failing } = await ended();
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'partial', errorCount: 3 });
    failing.delete(3);
    failing.delete(11);
    await retry(jobs, await stateOf(jobs, jobId));
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({
      status: 'running',
      successCount: 17,
      errorCount: 0,
    });
    await drain(world, jobs);
    expect(started.sort((a, b) => a - b)).toEqual([3, 4, 11]);
    const state = await stateOf(jobs, jobId);
    expect(viewOf(state)).toMatchObject({
      status: 'partial',
      successCount: 19,
      errorCount: 1,
      processedItems: 20,
    });
    expect(indices(state.outcomes)).toEqual(upTo(20));
    expect(state.outcomes.filter(({ status }) => status === 'failed').map(({ index }) => index)).toEqual([4]);

    failing.clear();
    await retry(jobs, state);
    await drain(world, jobs);
    const last = await stateOf(jobs, jobId);
    expect(viewOf(last)).toMatchObject({ status: 'completed', successCount: 20, errorCount: 0 });
    expect(indices(last.outcomes)).toEqual(upTo(20));
    expect(started).toEqual([3, 4, 11, 4]);
  });

  it('repeats nothing when a worker dies or a message comes again', async () => {
    const clock = new ShiftableClock();
    const { jobs, jobId, started, failing } = await ended({ clock });
    failing.clear();
    await retry(jobs, await stateOf(jobs, jobId));
    const [first] = (await stateOf(jobs, jobId)).slices.filter(({ id }) => id.includes('.r1'));
    const ref = { jobId, sliceId: first?.id ?? '' };
    // A worker takes it and dies: it is split, and each part runs once.
    await jobs.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 10 });
    clock.shift(60_000);
    await sweep(jobs, clock.now() + 60_000);
    await drain(world, jobs);
    await continueSlice(jobs, invocation(clock), ref);
    expect(started.sort((a, b) => a - b)).toEqual([3, 4, 11]);
    const state = await stateOf(jobs, jobId);
    expect(viewOf(state)).toMatchObject({ status: 'completed', successCount: 20 });
    expect(indices(state.outcomes)).toEqual(upTo(20));
  });

  it('is found by the sweeper when its messages were not sent', async () => {
    const clock = new ShiftableClock();
    const { jobs, jobId, failing } = await ended({ clock });
    failing.clear();
    const lost: JobsContext = {
      ...jobs,
      queue: { ...jobs.queue, send: () => Promise.reject(new Error('no queue')) },
    };
    await retry(lost, await stateOf(jobs, jobId));
    expect(await world.receive()).toEqual([]);
    clock.shift(10 * 60_000);
    await sweep(jobs, clock.now() + 60_000);
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'completed', successCount: 20 });
  });

  it('is opened again once, even by two requests at a time', async () => {
    const { jobs, jobId, started, failing } = await ended();
    failing.clear();
    const state = await stateOf(jobs, jobId);
    const both = await Promise.allSettled([retry(jobs, state), retry(jobs, state)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await drain(world, jobs);
    expect(started.sort((a, b) => a - b)).toEqual([3, 4, 11]);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'completed', successCount: 20 });
  });

  it('survives a request that died before the job was open again', async () => {
    const { jobs, jobId, failing } = await ended();
    failing.clear();
    const state = await stateOf(jobs, jobId);
    const dies: JobsContext = {
      ...jobs,
      ledger: { ...jobs.ledger, reopen: () => Promise.reject(new Error('killed')) },
    };
    await expect(retry(dies, state)).rejects.toThrow('killed');
    await retry(jobs, await stateOf(jobs, jobId));
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'completed', successCount: 20 });
  });

  it('is refused while it runs, and where nothing has failed', async () => {
    const { jobs, jobId, failing } = await ended();
    failing.clear();
    await retry(jobs, await stateOf(jobs, jobId));
    await expect(retry(jobs, await stateOf(jobs, jobId))).rejects.toMatchObject({ code: 'JOB_NOT_ENDED' });
    await drain(world, jobs);
    await expect(retry(jobs, await stateOf(jobs, jobId))).rejects.toMatchObject({ code: 'NOTHING_FAILED' });
  });
});

it("a tenant's jobs are listed, the latest first, page by page", async () => {
  const { workload, submission } = doubling();
  const jobs = world.jobs(workload);
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    const one = { ...submission(values(1)), tenant: 'lister' };
    made.unshift((await submit(jobs, one, 0, { waitUntil: 0, goneAt: 0 })).jobId);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const first = await jobs.ledger.jobsOf('lister', 3);
  expect(first.map(({ id }) => id)).toEqual(made.slice(0, 3));
  const second = await jobs.ledger.jobsOf('lister', 3, first.at(-1)?.id);
  expect(second.map(({ id }) => id)).toEqual(made.slice(3));
  expect(await jobs.ledger.jobsOf('nobody', 3)).toEqual([]);
});
