import { describe, expect, it } from 'vitest';
import { ItemError } from '../../../../src/core/engine/errors.ts';
import { cancel } from '../../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import { withoutSlices } from '../../../../src/core/jobs/model/job.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { submit } from '../../../../src/core/jobs/submit.ts';
import { firstOf, type Room, resultsOf } from '../../../../src/core/jobs/views/results.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import { drain, stateOf } from '../asking.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { doubling, values } from '../workload.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();

/** Room for a number of values. */
const roomFor = (count: number): Room => {
  let left = count;
  return { take: () => left-- > 0 };
};

/** A finished job of `count` items in slices of 5, and the objects that are read from now on. */
async function finished(count: number, failing: readonly number[] = []) {
  const made = doubling({}, async ({ value }) => {
    if (failing.includes(value)) throw new ItemError('NO_LUCK', 'no luck');
  });
  const plain = world.jobs(made.workload);
  const { jobId } = await submit(plain, made.submission(values(count)), 0, { waitUntil: 0, goneAt: 0 });
  await drain(world, plain);
  const read: string[] = [];
  const blobs: JobsContext['blobs'] = {
    ...plain.blobs,
    get: (key) => {
      read.push(key);
      return plain.blobs.get(key);
    },
  };
  const jobs = { ...plain, blobs };
  const state = await stateOf(jobs, jobId);
  read.length = 0;
  return { jobs, jobId, read, state };
}

const indicesOf = (results: readonly object[]) => results.map((one) => (one as { index: number }).index);

describe('a page of results', () => {
  it('ends where the answer is full, and the next begins there', async () => {
    const { jobs, state } = await finished(12);
    const seen: number[] = [];
    let after = -1;
    for (let pages = 0; pages < 20; pages += 1) {
      const page = await resultsOf(jobs, state, { limit: 10, after }, roomFor(3));
      expect(page.results.length).toBeLessThanOrEqual(3);
      seen.push(...indicesOf(page.results));
      if (page.cursor === undefined) break;
      after = page.cursor;
    }
    expect(seen).toEqual(values(12).map((_, index) => index));
  });

  it('tells an outcome that no answer can hold without its output, and goes on after it', async () => {
    const { jobs, state } = await finished(2);
    const page = await resultsOf(jobs, state, { limit: 10, after: -1 }, roomFor(0));
    expect(page).toMatchObject({ cursor: 0, results: [{ index: 0, status: 'succeeded' }] });
    expect(page.results[0]).not.toHaveProperty('output');
    expect(page.results[0]).toHaveProperty('omittedBytes');
    const last = await resultsOf(jobs, state, { limit: 10, after: 0 }, roomFor(0));
    expect(last).not.toHaveProperty('cursor');
    expect(indicesOf(last.results)).toEqual([1]);
  });

  it('of failures tells the reason even of one that no answer can hold', async () => {
    const { jobs, state } = await finished(1, [0]);
    const { results } = await resultsOf(jobs, state, { limit: 10, after: -1 }, roomFor(0));
    expect(results).toMatchObject([{ index: 0, status: 'failed', error: { code: 'NO_LUCK' } }]);
  });

  it('reads only what can hold outcomes of the wanted status', async () => {
    const { jobs, state, read } = await finished(20, [7, 11]);
    const failed = await resultsOf(jobs, state, { status: 'failed', limit: 10, after: -1 });
    expect(indicesOf(failed.results)).toEqual([7, 11]);
    expect(read.filter((key) => /\/(000000|000003)\//.test(key))).toEqual([]);
    expect(read).not.toHaveLength(0);
    read.length = 0;
    await resultsOf(jobs, state, { status: 'cancelled', limit: 10, after: -1 });
    expect(read).toEqual([]);
    await resultsOf(jobs, state, { status: 'failed', limit: 10, after: 14 });
    expect(read).toEqual([]);
  });

  it('begins an answer to a submission likewise', async () => {
    const { jobs, jobId } = await finished(4);
    const { outcomes, job } = await stateOf(jobs, jobId);
    expect(await firstOf(jobs, job.workload, outcomes, roomFor(9))).not.toHaveProperty('cursor');
    const page = await firstOf(jobs, job.workload, outcomes, roomFor(2));
    expect([page.cursor, indicesOf(page.results)]).toEqual([1, [0, 1]]);
  });
});

it('a stopped job counts the same with its slices and without', async () => {
  const clock = new ShiftableClock();
  let jobs: JobsContext | undefined;
  let jobId = '';
  const made = doubling({ concurrency: 1 }, async ({ value }) => {
    if (value === 1) throw new ItemError('NO_LUCK', 'no luck');
    if (value === 3 && jobs) await cancel(jobs, await stateOf(jobs, jobId));
  });
  jobs = world.jobs(made.workload, clock);
  ({ jobId } = await submit(jobs, made.submission(values(10)), 0, { waitUntil: 0, goneAt: 0 }));
  await continueSlice(jobs, invocation(clock), { jobId, sliceId: '000000' });
  await drain(world, jobs);
  const state = await stateOf(jobs, jobId);
  const whole = viewOf(state, clock.now());
  const { slices: _, ...expected } = whole;
  expect(whole).toMatchObject({ status: 'cancelled', errorCount: 1, errorCounts: { NO_LUCK: 1 } });
  expect(whole.successCount).toBeGreaterThan(1);
  expect(viewOf(withoutSlices(state.job), clock.now())).toEqual(expected);
});
