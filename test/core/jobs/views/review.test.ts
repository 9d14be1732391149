import { describe, expect, it } from 'vitest';
import { withoutSlices } from '../../../../src/core/jobs/model/job.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../../src/core/jobs/retry.ts';
import { submit } from '../../../../src/core/jobs/submit.ts';
import { resultsOf } from '../../../../src/core/jobs/views/results.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import type { Workload } from '../../../../src/core/jobs/workload.ts';
import { drain, stateOf } from '../asking.ts';
import { doubling, values } from '../workload.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const all = { limit: 100, after: -1 };

/** A finished job of `count` items whose workload wants a look at every double of a multiple of three. */
async function finished(count: number, failing: number[] = [], asks = true) {
  const made = doubling({}, async ({ value }) => {
    if (failing.includes(value)) throw new Error('no luck');
  });
  const view: Workload['view'] = {
    needsReview: (output) => Number(output) % 3 === 0,
    show: async (outcome) => outcome,
  };
  const workload: Workload = asks ? { ...made.workload, view } : made.workload;
  const jobs = world.jobs(workload);
  const { jobId } = await submit(jobs, made.submission(values(count)), 0, { waitUntil: 0, goneAt: 0 });
  await drain(world, jobs);
  return { jobs, jobId };
}

const reviewed = async (jobs: JobsContext, jobId: string) => {
  const { results } = await resultsOf(jobs, await stateOf(jobs, jobId), { ...all, review: true });
  return results.map((one) => (one as { index: number }).index);
};

describe('outcomes that need review', () => {
  it('are counted, and listed alone', async () => {
    const { jobs, jobId } = await finished(12);
    const state = await stateOf(jobs, jobId);
    const wanted = values(12).flatMap(({ value }, index) => (value % 3 === 0 ? [index] : []));
    expect(viewOf(state)).toMatchObject({ successCount: 12, needsReview: wanted.length });
    expect(viewOf(withoutSlices(state.job)).needsReview).toBe(wanted.length);
    expect(await reviewed(jobs, jobId)).toEqual(wanted);
  });

  it('are none among failures, and stay counted when these are retried', async () => {
    const failing = values(7)
      .map(({ value }) => value)
      .slice(3);
    const wanted = values(7).flatMap(({ value }, index) => (value % 3 === 0 ? [index] : []));
    const { jobs, jobId } = await finished(7, failing);
    const before = wanted.filter((index) => index < 3);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ errorCount: 4, needsReview: before.length });
    failing.length = 0;
    await retry(jobs, await stateOf(jobs, jobId));
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ successCount: 7, needsReview: wanted.length });
    expect(await reviewed(jobs, jobId)).toEqual(wanted);
  });

  it('are not spoken of where the workload asks for no review', async () => {
    const { jobs, jobId } = await finished(3, [], false);
    expect(viewOf(await stateOf(jobs, jobId))).not.toHaveProperty('needsReview');
    expect(await reviewed(jobs, jobId)).toEqual([]);
  });
});
