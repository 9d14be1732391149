import { describe, expect, it } from 'vitest';
import { answer } from '../../src/jobs/answer.ts';
import { viewOf } from '../../src/jobs/view.ts';
import { drain, indices, stateOf, times, upTo } from './asking.ts';
import { cloudOfFile, invocation } from './cloud.ts';
import { doubling, values } from './workload.ts';

const cloud = await cloudOfFile();

describe('answer', () => {
  it('does a small job within the call', async () => {
    const { workload, effects, submission } = doubling();
    const room = cloud.room(workload);
    const items = values(12).map((item) => (item.value === 7 ? { ...item, fails: true } : item));
    const answered = await answer(room, invocation(room.clock), submission(items), times());
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
    const room = cloud.room(workload);
    const startedAt = Date.now();
    const partial = await answer(
      room,
      invocation(room.clock, 700),
      submission(values(60, { ms: 100 })),
      times(room.clock, 1_500),
    );
    expect(Date.now() - startedAt).toBeLessThan(1_500);
    const view = viewOf(partial.state);
    expect(view.status).toBe('running');
    expect(view.processedItems).toBeGreaterThan(0);
    expect(view.processedItems).toBeLessThan(60);
    expect(indices(partial.outcomes)).toHaveLength(view.processedItems);

    await drain(cloud, room);
    const { job, outcomes } = await stateOf(room, view.jobId);
    expect(job.status).toBe('completed');
    expect(indices(outcomes)).toEqual(upTo(60));
    expect(effects.size).toBe(60);
  });

  it('includes what other workers have finished meanwhile', async () => {
    const { workload, submission } = doubling({ expectedMsPerUnit: 60_000 });
    const room = cloud.room(workload);
    // Nothing is expected to fit here, so everything goes to the queue at once and another worker does it all.
    const answering = answer(
      room,
      invocation(room.clock, 5_000),
      submission(values(20)),
      times(room.clock, 6_000),
    );
    let done = false;
    const other = (async () => {
      while (!done) await drain(cloud, room);
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
    const room = cloud.room(workload);
    // Expected to last longer than it does: the last slices were sent to the queue, where no worker comes.
    const { state } = await answer(room, invocation(room.clock, 3_000), submission(values(40)), times());
    expect(state.job.status).toBe('completed');
  });

  it('hands everything on at once when the caller does not want to wait', async () => {
    const { workload, started, submission } = doubling();
    const room = cloud.room(workload);
    const { state } = await answer(room, invocation(room.clock), submission(values(8)), {
      ...times(),
      async: true,
    });
    expect(state.job.status).toBe('running');
    expect(started).toEqual([]);
    expect(await drain(cloud, room)).toBe(2);
    expect((await stateOf(room, state.job.id)).job.status).toBe('completed');
  });

  it('answers with what it knows by itself when the ledger cannot be read', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const broken = { ...room.ledger, state: () => Promise.reject(new Error('ledger is away')) };
    const { outcomes, state } = await answer(
      { ...room, ledger: broken },
      invocation(room.clock),
      submission(values(5)),
      times(),
    );
    expect(indices(outcomes)).toEqual(upTo(5));
    expect(viewOf(state).processedItems).toBe(5);
  });

  it('answers in time when recording hangs, before or after the job is accepted', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const never = () => new Promise<never>(() => {});
    const mute = { ...room, ledger: { ...room.ledger, checkpoint: never } };
    const { state } = await answer(
      mute,
      invocation(room.clock, 100),
      submission(values(5)),
      times(room.clock, 500),
    );
    expect(viewOf(state)).toMatchObject({ status: 'running', processedItems: 0 });
    const deaf = { ...room, ledger: { ...room.ledger, create: never } };
    await expect(
      answer(deaf, invocation(room.clock, 100), submission(values(5)), times(room.clock, 500)),
    ).rejects.toMatchObject({ code: 'NOT_RECORDED', retryable: true });
  });

  it('answers in time when the ledger hangs', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const hanging = { ...room.ledger, state: () => new Promise<never>(() => {}) };
    const { outcomes } = await answer(
      { ...room, ledger: hanging },
      invocation(room.clock, 0),
      submission(values(5)),
      times(room.clock, 500),
    );
    expect(outcomes).toEqual([]);
  });
});
