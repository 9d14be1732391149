import { describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../../../src/core/engine/clock.ts';
import { ItemError } from '../../../src/core/engine/errors.ts';
import { cancel } from '../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { sweep } from '../../../src/core/jobs/sweep.ts';
import { resultsOf } from '../../../src/core/jobs/views/results.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import type { WorkloadLimits } from '../../../src/core/jobs/workload.ts';
import { drain, indices, stateOf, upTo } from './asking.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, type TestItem, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

/** A job whose items do what `before` says, one after the other. */
async function submitted(
  items: readonly TestItem[],
  limits: Partial<WorkloadLimits>,
  before: Parameters<typeof doubling>[1],
  more: Partial<JobsContext> = {},
) {
  const made = doubling({ concurrency: 1, ...limits }, before);
  const jobs = world.jobs(made.workload, undefined, more);
  const { jobId } = await submit(jobs, made.submission(items), 0, { waitUntil: 0, goneAt: 0 });
  return { ...made, jobs, jobId };
}

describe('an error that stops its job', () => {
  it('fails its item, cancels what has not run, and is the cause that the job shows', async () => {
    const refused = { on: true };
    const { jobs, jobId, started, effects } = await submitted(values(20), {}, async ({ value }) => {
      if (refused.on && value === 7)
        throw new ItemError('CREDENTIALS_REFUSED', 'no such key', { stopsJob: true });
    });
    await drain(world, jobs);
    expect(started).toEqual(upTo(8));
    const state = await stateOf(jobs, jobId);
    expect(viewOf(state)).toMatchObject({
      status: 'cancelled',
      error: { code: 'CREDENTIALS_REFUSED', message: 'no such key' },
      successCount: 7,
      errorCount: 1,
      cancelledCount: 12,
      pendingCount: 0,
    });
    expect(viewOf(state).finishing).toBeUndefined();

    refused.on = false;
    await retry(jobs, state);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({
      status: 'running',
      successCount: 7,
      errorCount: 0,
      pendingCount: 13,
    });
    expect(viewOf(await stateOf(jobs, jobId)).error).toBeUndefined();
    await drain(world, jobs);
    // What failed once more, all others once.
    expect(started.sort((a, b) => a - b)).toEqual(
      [...upTo(8), 7, ...upTo(20).slice(8)].sort((a, b) => a - b),
    );
    const end = await stateOf(jobs, jobId);
    expect(viewOf(end)).toMatchObject({ status: 'completed', successCount: 20, errorCount: 0 });
    expect(indices(end.outcomes)).toEqual(upTo(20));
    expect(effects.size).toBe(20);
  });

  it('aborts what else is under way here at once, and elsewhere within a second or so', async () => {
    const aborted: number[] = [];
    const running = new Set<number>();
    const { jobs, jobId } = await submitted(values(10), { concurrency: 5 }, async ({ value }, { signal }) => {
      if (value > 0) signal.addEventListener('abort', () => aborted.push(value));
      running.add(value);
      while (running.size < 10) await sleep(systemClock, 10, signal);
      if (value === 0) throw new ItemError('NO_USE', 'none', { stopsJob: true });
      await sleep(systemClock, 60_000, signal);
    });
    const begun = Date.now();
    await Promise.all(
      ['000000', '000001'].map((sliceId) => continueSlice(jobs, invocation(jobs.clock), { jobId, sliceId })),
    );
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(aborted.sort()).toEqual(upTo(10).slice(1));
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ errorCount: 1, cancelledCount: 9 });
  });
});

describe('a job of which too much fails', () => {
  const failing = (fails: (value: number) => boolean, of = 10) =>
    submitted(values(40), { failures: { share: 0.5, of } }, async ({ value }) => {
      if (fails(value)) throw new ItemError(value % 5 === 0 ? 'RARE' : 'USUAL', `no ${value}`);
    });

  it('is stopped as soon as the window says so, across slices, with the counts and the usual code', async () => {
    // Of the ten up to 13 five have failed, of those up to 14 six.
    const { jobs, jobId, started } = await failing((value) => value >= 9);
    await drain(world, jobs);
    expect(started).toEqual(upTo(15));
    const view = viewOf(await stateOf(jobs, jobId));
    expect(view).toMatchObject({ status: 'cancelled', successCount: 9, errorCount: 6, cancelledCount: 25 });
    expect(view.error).toMatchObject({
      code: 'TOO_MANY_FAILURES',
      message: '6 of the last 10 items failed, 5 of them with USUAL: no 9',
    });
  });

  it('goes on at the share itself, and before the window is full', async () => {
    const half = await failing((value) => value % 2 === 0);
    await drain(world, half.jobs);
    expect(viewOf(await stateOf(half.jobs, half.jobId))).toMatchObject({ status: 'partial', errorCount: 20 });
    const small = await failing(() => true, 41);
    await drain(world, small.jobs);
    expect(viewOf(await stateOf(small.jobs, small.jobId))).toMatchObject({
      status: 'failed',
      errorCount: 40,
    });
  });

  it('begins a new window when it is run again', async () => {
    const { jobs, jobId } = await failing((value) => value >= 9);
    await drain(world, jobs);
    await retry(jobs, await stateOf(jobs, jobId));
    await drain(world, jobs);
    const view = viewOf(await stateOf(jobs, jobId));
    expect(view).toMatchObject({ status: 'cancelled', successCount: 9, errorCount: 10, cancelledCount: 21 });
  });
});

describe('a stopped job', () => {
  it('is wound up only when its workers have let go, or are known to be gone', async () => {
    const clock = new ShiftableClock();
    const { jobs, jobId } = await submitted(values(10), {}, async () => {}, { clock });
    const [, second] = (await stateOf(jobs, jobId)).slices;
    const ref = { jobId, sliceId: second?.id ?? '' };
    await jobs.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 10_000 });
    await cancel(jobs, await stateOf(jobs, jobId));
    const finish = { jobId, sliceId: 'finish-0' };
    await continueSlice(jobs, invocation(clock), finish);
    const winding = await stateOf(jobs, jobId);
    expect(viewOf(winding)).toMatchObject({ status: 'cancelled', finishing: true });
    await expect(retry(jobs, winding)).rejects.toMatchObject({ code: 'JOB_NOT_ENDED', retryable: true });
    clock.shift(11_000);
    await continueSlice(jobs, invocation(clock), finish);
    expect(viewOf(await stateOf(jobs, jobId)).finishing).toBeUndefined();
    expect(await jobs.ledger.slice(ref)).toMatchObject({ status: 'queued' });
  });

  it('is wound up by the sweeper where its request died', async () => {
    const clock = new ShiftableClock();
    const { jobs, jobId, started } = await submitted(values(10), {}, async () => {}, { clock });
    const dying: JobsContext = {
      ...jobs,
      ledger: { ...jobs.ledger, stop: () => Promise.reject(new Error('killed')) },
    };
    await expect(cancel(dying, await stateOf(jobs, jobId))).rejects.toThrow('killed');
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, jobId)).finishing).toBe(true);
    await sweep(jobs, clock.now() + 60_000);
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, jobId)).finishing).toBeUndefined();
    expect(started).toEqual([]);
    for await (const unfinished of jobs.ledger.unfinished()) expect(unfinished).not.toBe(jobId);
  });

  it('gives nothing to a worker that took a slice in the last moment', async () => {
    const { jobs, jobId, started } = await submitted(values(10), {}, async () => {});
    const late: JobsContext = {
      ...jobs,
      ledger: {
        ...jobs.ledger,
        claim: async (ref, times) => {
          if (ref.sliceId === '000000') await cancel(jobs, await stateOf(jobs, jobId));
          return jobs.ledger.claim(ref, times);
        },
      },
    };
    await continueSlice(late, invocation(jobs.clock), { jobId, sliceId: '000000' });
    expect(started).toEqual([]);
    expect(await jobs.ledger.slice({ jobId, sliceId: '000000' })).toMatchObject({ status: 'queued' });
  });

  it('that is stopped again in its second round counts and lists each item once', async () => {
    const failing = new Set([1, 6, 12]);
    const stops = new Set<number>();
    const { jobs, jobId, started } = await submitted(values(20), {}, async ({ value }) => {
      if (stops.has(value)) throw new ItemError('STOP', 'now', { stopsJob: true });
      if (failing.has(value)) throw new ItemError('UNLUCKY', 'not this time');
    });
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'partial', errorCount: 3 });
    stops.add(6);
    started.length = 0;
    await retry(jobs, await stateOf(jobs, jobId));
    await continueSlice(jobs, invocation(jobs.clock), { jobId, sliceId: '000001.r1' });
    await drain(world, jobs);
    expect(started).toEqual([6]);
    const state = await stateOf(jobs, jobId);
    expect(viewOf(state)).toMatchObject({ successCount: 17, errorCount: 1, cancelledCount: 2 });
    const { results } = await resultsOf(jobs, state, { limit: 100, after: -1 });
    const ended = results as { index: number; status: string }[];
    expect(ended.filter(({ status }) => status === 'cancelled').map(({ index }) => index)).toEqual([1, 12]);
    expect(ended.filter(({ status }) => status === 'failed').map(({ index }) => index)).toEqual([6]);
    stops.clear();
    failing.clear();
    await retry(jobs, state);
    await drain(world, jobs);
    expect(started.sort((a, b) => a - b)).toEqual([1, 6, 6, 12]);
    const end = await stateOf(jobs, jobId);
    expect(viewOf(end)).toMatchObject({ status: 'completed', successCount: 20 });
    expect(indices(end.outcomes)).toEqual(upTo(20));
  });
});
