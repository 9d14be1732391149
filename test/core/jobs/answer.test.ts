import { describe, expect, it } from 'vitest';
import { answer } from '../../../src/core/jobs/answer.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { drain, indices, stateOf, times, upTo } from './asking.ts';
import { invocation } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

describe('answer', () => {
  it('does a small job within the call', async () => {
    const { workload, effects, submission } = doubling();
    const jobs = world.jobs(workload);
    const items = values(12).map((item) => (item.value === 7 ? { ...item, fails: true } : item));
    const answered = await answer(jobs, invocation(jobs.clock), submission(items), times());
    expect(viewOf(answered.state)).toMatchObject({
      status: 'partial',
      totalItems: 12,
      successCount: 11,
      errorCount: 1,
      pendingCount: 0,
      progress: 1,
    });
    expect(indices(answered.outcomes)).toEqual(upTo(12));
    expect(answered.outcomes[7]).toMatchObject({
      status: 'failed',
      error: { code: 'BAD_VALUE', retryable: false },
    });
    expect(answered.outcomes[3]).toMatchObject({
      status: 'succeeded',
      output: 6,
      attempts: 1,
      ranOn: 'test',
    });
    expect(effects.size).toBe(11);
  });

  it('answers in time with what is done, and the queue finishes the rest', async () => {
    const { workload, effects, submission } = doubling({ expectedMsPerUnit: 100 });
    const jobs = world.jobs(workload);
    const startedAt = Date.now();
    const partial = await answer(
      jobs,
      invocation(jobs.clock, 700),
      submission(values(60, { ms: 100 })),
      times(jobs.clock, 1_500),
    );
    expect(Date.now() - startedAt).toBeLessThan(1_500);
    const view = viewOf(partial.state);
    expect(view.status).toBe('running');
    expect(view.processedItems).toBeGreaterThan(0);
    expect(view.processedItems).toBeLessThan(60);
    expect(indices(partial.outcomes)).toHaveLength(view.processedItems);

    await drain(world, jobs);
    const { job, outcomes } = await stateOf(jobs, view.jobId);
    expect(job.status).toBe('completed');
    expect(indices(outcomes)).toEqual(upTo(60));
    expect(effects.size).toBe(60);
  });

  it('includes what other workers have finished meanwhile', async () => {
    const { workload, submission } = doubling({ expectedMsPerUnit: 60_000 });
    const jobs = world.jobs(workload);
    // Nothing is expected to fit here, so everything goes to the queue at once and another worker does it all.
    const answering = answer(
      jobs,
      invocation(jobs.clock, 5_000),
      submission(values(20)),
      times(jobs.clock, 6_000),
    );
    let done = false;
    const other = (async () => {
      while (!done) await drain(world, jobs);
    })();
    const { state, outcomes } = await answering.finally(() => {
      done = true;
    });
    await other;
    expect(state.job.status).toBe('completed');
    expect(indices(outcomes)).toEqual(upTo(20));
  });

  it('helps out with slices that nobody has taken', async () => {
    const { workload, submission } = doubling({ expectedMsPerUnit: 500 });
    const jobs = world.jobs(workload);
    // Expected to last longer than it does: the last slices were sent to the queue, where no worker comes.
    const { state } = await answer(jobs, invocation(jobs.clock, 3_000), submission(values(40)), times());
    expect(state.job.status).toBe('completed');
  });

  it('hands everything on at once when the caller does not want to wait', async () => {
    const { workload, started, submission } = doubling();
    const jobs = world.jobs(workload);
    const { state } = await answer(jobs, invocation(jobs.clock), submission(values(8)), {
      ...times(),
      async: true,
    });
    expect(state.job.status).toBe('running');
    expect(started).toEqual([]);
    expect(await drain(world, jobs)).toBe(2);
    expect((await stateOf(jobs, state.job.id)).job.status).toBe('completed');
  });

  it('answers with what it knows by itself when the ledger cannot be read', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const broken = { ...jobs.ledger, state: () => Promise.reject(new Error('ledger is away')) };
    const { outcomes, state } = await answer(
      { ...jobs, ledger: broken },
      invocation(jobs.clock),
      submission(values(5)),
      times(),
    );
    expect(indices(outcomes)).toEqual(upTo(5));
    expect(viewOf(state).processedItems).toBe(5);
  });

  it('answers in time when recording hangs, before or after the job is accepted', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const never = () => new Promise<never>(() => {});
    const mute = { ...jobs, ledger: { ...jobs.ledger, checkpoint: never } };
    const { state } = await answer(
      mute,
      invocation(jobs.clock, 100),
      submission(values(5)),
      times(jobs.clock, 500),
    );
    expect(viewOf(state)).toMatchObject({ status: 'running', processedItems: 0 });
    const deaf = { ...jobs, ledger: { ...jobs.ledger, create: never } };
    await expect(
      answer(deaf, invocation(jobs.clock, 100), submission(values(5)), times(jobs.clock, 500)),
    ).rejects.toMatchObject({ code: 'NOT_RECORDED', retryable: true });
  });

  it('answers in time when the ledger hangs', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const hanging = { ...jobs.ledger, state: () => new Promise<never>(() => {}) };
    const { outcomes } = await answer(
      { ...jobs, ledger: hanging },
      invocation(jobs.clock, 0),
      submission(values(5)),
      times(jobs.clock, 500),
    );
    expect(outcomes).toEqual([]);
  });
});
