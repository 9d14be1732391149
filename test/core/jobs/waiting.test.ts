import { describe, expect, it } from 'vitest';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import type { SliceRef } from '../../../src/core/jobs/model/slice.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { stateFor, viewOf } from '../../../src/core/jobs/views/view.ts';
import { drain, indices, stateOf, upTo } from './asking.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, type TestItem, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

/** A job of five items in one slice, whose items first ask `before`; what is sent is kept, with its delay. */
async function submitted(
  before: (item: TestItem) => Promise<void>,
  more: Partial<JobsContext['settings']> = {},
) {
  const made = doubling({}, before);
  const clock = new ShiftableClock();
  const sent: { refs: readonly SliceRef[]; delaySeconds: number | undefined }[] = [];
  const plain = world.jobs(made.workload, clock);
  const jobs: JobsContext = {
    ...plain,
    queue: {
      ...plain.queue,
      async send(refs, tenant, delaySeconds) {
        sent.push({ refs, delaySeconds });
        await plain.queue.send(refs, tenant, 0);
      },
    },
    settings: { ...plain.settings, ...more },
  };
  const { jobId } = await submit(jobs, made.submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
  sent.length = 0;
  const ref = { jobId, sliceId: '000000' };
  const view = async () => {
    const state = await stateFor(jobs, 'acme', jobId);
    if (!state) throw new Error(`no job ${jobId}`);
    return viewOf(state);
  };
  return { ...made, jobs, clock, sent, jobId, ref, view };
}

describe('an item that has to wait', () => {
  it('goes back untouched, and comes again no sooner than it makes sense', async () => {
    let late = true;
    const { jobs, clock, sent, jobId, ref, started, undone } = await submitted(async ({ value }) => {
      if (late && value >= 3)
        throw new Postponed('TURN_TOO_LATE', 'later', 'search/calls', clock.now() + 90_000);
    });
    await continueSlice(jobs, invocation(jobs.clock), ref);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.delaySeconds).toBeGreaterThanOrEqual(89);
    expect(sent[0]?.delaySeconds).toBeLessThanOrEqual(90);
    expect(await jobs.ledger.slice(ref)).toMatchObject({ status: 'queued', hops: 0, waits: 1, succeeded: 3 });
    expect(undone).toEqual([]);
    late = false;
    await drain(world, jobs);
    const { job, outcomes } = await stateOf(jobs, jobId);
    expect(job.status).toBe('completed');
    expect(indices(outcomes)).toEqual(upTo(5));
    // Waiting is no attempt, and nothing that was done is done again.
    expect(outcomes.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1]);
    expect(started.filter((value) => value < 3)).toHaveLength(3);
  });

  it('never counts as a worker that died, nor uses up the hops', async () => {
    let waits = 12;
    const { jobs, ref, jobId, clock } = await submitted(
      async () => {
        if (waits > 0) throw new Postponed('TURN_TOO_LATE', 'later', 'search/calls', clock.now() + 1_000);
      },
      { maxHops: 1, maxCrashes: 1 },
    );
    while (waits > 0) {
      await continueSlice(jobs, invocation(jobs.clock), ref);
      waits -= 1;
    }
    await drain(world, jobs);
    const { job, slices } = await stateOf(jobs, jobId);
    expect(job).toMatchObject({ status: 'completed', succeeded: 5 });
    expect(slices).toHaveLength(1);
  });

  it('fails when it has waited more often than anything should', async () => {
    const { jobs, jobId, clock } = await submitted(
      async () => {
        throw new Postponed('TURN_TOO_LATE', 'later', 'search/calls', clock.now());
      },
      { maxWaits: 3 },
    );
    await drain(world, jobs);
    const { job, outcomes } = await stateOf(jobs, jobId);
    expect(job.status).toBe('failed');
    expect(outcomes[0]).toMatchObject({ error: { code: 'WAITS_EXHAUSTED', retryable: true } });
  });
});

describe('a job whose upstream is down for long', () => {
  it('says that it is paused and for what, looks again ever later, and goes on by itself', async () => {
    let down = true;
    const { jobs, sent, jobId, ref, view, clock } = await submitted(async () => {
      if (down) throw new Postponed('UPSTREAM_DOWN', 'down', 'search', clock.now() + 2_000);
    });
    const before = Date.now();
    for (let look = 0; look < 6; look += 1) await continueSlice(jobs, invocation(jobs.clock), ref);
    expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([15, 30, 60, 120, 240, 300]);
    const paused = await view();
    expect(paused).toMatchObject({ status: 'running', paused: { upstream: 'search' } });
    expect(Date.parse(paused.paused?.since ?? '')).toBeGreaterThanOrEqual(before);

    down = false;
    await drain(world, jobs);
    const after = await view();
    expect(after).toMatchObject({ status: 'completed', successCount: 5 });
    expect(after.paused).toBeUndefined();
    expect((await stateOf(jobs, jobId)).job).not.toHaveProperty('waitingFor');
  });

  it('is no longer paused as soon as an item gets through', async () => {
    let down = true;
    const { jobs, ref, view, clock } = await submitted(async ({ value }) => {
      if (down || value === 4) throw new Postponed('UPSTREAM_DOWN', 'down', 'search', clock.now() + 2_000);
    });
    await continueSlice(jobs, invocation(jobs.clock), ref);
    expect((await view()).paused).toBeDefined();
    down = false;
    await continueSlice(jobs, invocation(jobs.clock), ref);
    expect((await view()).paused).toBeUndefined();
  });
});
