import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/engine/clock.ts';
import { answer } from '../../src/jobs/answer.ts';
import { continueSlice } from '../../src/jobs/continue.ts';
import { buryDeadLetter } from '../../src/jobs/dead-letter.ts';
import { LeaseLost, type Outcome } from '../../src/jobs/job.ts';
import { readOutcomes } from '../../src/jobs/objects.ts';
import type { Room } from '../../src/jobs/room.ts';
import { submit } from '../../src/jobs/submit.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { resultsOf, viewOf } from '../../src/jobs/view.ts';
import { invocation, ShiftableClock, startCloud, type TestCloud } from './cloud.ts';
import { doubling, type Recorded, values } from './workload.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());
beforeEach(async () => {
  await cloud.receive();
});

const times = (clock = systemClock, ms = 60_000) => ({
  replyBy: clock.now() + ms,
  goneAt: clock.now() + ms,
  async: false,
});

async function stateOf(room: Room, jobId: string) {
  const state = await room.ledger.state(jobId);
  if (!state) throw new Error(`no job ${jobId}`);
  return { ...state, outcomes: await readOutcomes(room.blobs, state.slices) };
}

/** Delivers messages until there are none left. */
async function drain(room: Room, budgetMs = 60_000): Promise<number> {
  let delivered = 0;
  for (;;) {
    const refs = await cloud.receive();
    if (refs.length === 0) return delivered;
    for (const ref of refs) await continueSlice(room, invocation(room.clock, budgetMs), ref);
    delivered += refs.length;
  }
}

const indices = (outcomes: readonly Outcome[]) => outcomes.map(({ index }) => index);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

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

    await drain(room);
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
      while (!done) await drain(room);
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
    expect(await drain(room)).toBe(2);
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

describe('leases', () => {
  it('of slices that are done are left alone while their worker goes on with others', async () => {
    // Renewed every 100 ms: often, while the last item runs and the first slice is long done.
    const settings = { leaseMs: 300, maxHops: 20, maxCrashes: 3 };
    const { workload, submission } = doubling();
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (message: string) => warnings.push(message), error: () => {} };
    const room = cloud.room(workload, systemClock, { settings, log });
    const items = values(10).map((item) => (item.value === 9 ? { ...item, ms: 800 } : item));
    const { state } = await answer(room, invocation(room.clock), submission(items), times());
    expect(warnings).toEqual([]);
    expect(state.job).toMatchObject({ status: 'completed', succeeded: 10 });
  });

  it('may be renewed once more when the slice has just been done', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const { jobId } = await submit(room, submission(values(1)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice(room, invocation(room.clock), ref);
    await room.ledger.renew({ ...ref, claim: 1 }, room.clock.now());
    await expect(room.ledger.renew({ ...ref, claim: 0 }, room.clock.now())).rejects.toThrow(LeaseLost);
  });
});

describe('delivery', () => {
  it('changes nothing when a message comes again, after or during the work', async () => {
    const { workload, started, submission } = doubling();
    const room = cloud.room(workload);
    const { jobId } = await submit(room, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    const work = () => continueSlice(room, invocation(room.clock), ref);
    await Promise.all([work(), work(), work()]);
    await work();
    expect(started).toHaveLength(5);
    const { job, outcomes } = await stateOf(room, jobId);
    expect(indices(outcomes)).toEqual(upTo(5));
    expect(job).toMatchObject({ status: 'completed', succeeded: 5 });
  });

  it('repeats only what was not recorded', async () => {
    const { workload, started, submission } = doubling({ concurrency: 1 });
    const room = cloud.room(workload);
    const items = values(5).map((item) => (item.value === 3 ? { ...item, ms: 1_500 } : item));
    const { jobId } = await submit(room, submission(items), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice(room, invocation(room.clock, 400), ref);
    expect((await room.ledger.slice(ref))?.hops).toBe(1);
    expect(started.filter((value) => value < 3)).toEqual([0, 1, 2]);
    await drain(room);
    expect(started.filter((value) => value < 3)).toEqual([0, 1, 2]);
    expect(indices((await stateOf(room, jobId)).outcomes)).toEqual(upTo(5));
  });

  it('gives up on an item that never fits, and undoes what it left', async () => {
    const { workload, undone, submission } = doubling({ sliceSize: 1 });
    const room = cloud.room(workload, systemClock, {
      settings: { leaseMs: 10_000, maxHops: 2, maxCrashes: 3 },
    });
    const { jobId } = await submit(room, submission(values(1, { ms: 60_000 })), 0, {
      waitUntil: 0,
      goneAt: 0,
    });
    await drain(room, 50);
    const { job, outcomes } = await stateOf(room, jobId);
    expect(job.status).toBe('failed');
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'HOPS_EXHAUSTED', retryable: true } },
    ]);
    expect(undone).toEqual([0]);
  });

  it('undoes what a failed item left', async () => {
    const { workload, undone, submission } = doubling();
    const room = cloud.room(workload);
    const { jobId } = await submit(room, submission(values(2, { fails: true })), 0, {
      waitUntil: 0,
      goneAt: 0,
    });
    await drain(room);
    expect((await stateOf(room, jobId)).job.status).toBe('failed');
    expect(undone).toEqual([0, 1]);
  });

  it('records as failed what ends in the dead-letter queue, and only that', async () => {
    const { workload, submission } = doubling({ concurrency: 1 });
    const room = cloud.room(workload);
    const items = values(5).map((item) => (item.value === 2 ? { ...item, ms: 60_000 } : item));
    const { jobId } = await submit(room, submission(items), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice(room, invocation(room.clock, 300), ref);
    await buryDeadLetter(room, 'deadLetter', ref);
    await buryDeadLetter(room, 'deadLetter', ref);
    const { job, outcomes } = await stateOf(room, jobId);
    expect(job).toMatchObject({ status: 'partial', succeeded: 2, failed: 3 });
    expect(outcomes[2]).toMatchObject({
      status: 'failed',
      error: { code: 'NOT_DELIVERED' },
      ranOn: 'deadLetter',
    });
  });

  it('keeps a dead letter while a worker holds the slice', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const { jobId } = await submit(room, submission(values(5)), 1, { waitUntil: 0, goneAt: 0 });
    await expect(buryDeadLetter(room, 'deadLetter', { jobId, sliceId: '000000' })).rejects.toMatchObject({
      code: 'SLICE_BUSY',
    });
  });

  it('of a workload that exists no more ends as a dead letter', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const { jobId } = await submit(room, submission(values(2)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    const later = { ...room, workloads: new Map() };
    await expect(continueSlice(later, invocation(room.clock), ref)).rejects.toMatchObject({
      code: 'UNKNOWN_WORKLOAD',
    });
    await buryDeadLetter(later, 'deadLetter', ref);
    expect((await stateOf(room, jobId)).job).toMatchObject({ status: 'failed', failed: 2 });
  });

  it('ignores pointers to nothing', async () => {
    const room = cloud.room(doubling().workload);
    await continueSlice(room, invocation(room.clock), { jobId: 'job_none', sliceId: '000000' });
    await buryDeadLetter(room, 'deadLetter', { jobId: 'job_none', sliceId: '000000' });
  });
});

describe('a worker that vanishes', () => {
  /** Takes a slice and is never heard of again. */
  const vanish = async (room: Room, clock: ShiftableClock, ref: { jobId: string; sliceId: string }) => {
    const claim = await room.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 1_000 });
    expect(claim.kind).toBe('claimed');
    clock.shift(2_000);
  };

  it('is replaced by the sweeper, its slice split, and the item that kills isolated', async () => {
    const clock = new ShiftableClock();
    const { workload, started, submission } = doubling();
    const room = cloud.room(workload, clock);
    const { jobId } = await submit(room, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    await cloud.receive();
    await vanish(room, clock, { jobId, sliceId: '000000' });
    await sweep(room, clock.now() + 60_000);
    const deliver = async () => {
      const mine = (await cloud.receive()).filter((ref) => ref.jobId === jobId);
      for (const ref of mine) {
        // Item 3 takes its worker with it, whoever tries.
        if (ref.sliceId === '000000.3' && (await room.ledger.slice(ref))?.claims !== 5)
          await vanish(room, clock, ref);
        else await continueSlice(room, invocation(clock), ref);
      }
    };
    await deliver();
    for (let round = 0; round < 4; round += 1) {
      await deliver();
      await sweep(room, clock.now() + 60_000);
    }
    const { job, outcomes, slices } = await stateOf(room, jobId);
    expect(slices.map(({ id, status }) => `${id} ${status}`)).toEqual([
      '000000 split',
      ...upTo(5).map((part) => `000000.${part} done`),
    ]);
    expect(job).toMatchObject({ status: 'partial', succeeded: 4, failed: 1 });
    expect(outcomes[3]).toMatchObject({ status: 'failed', error: { code: 'WORKER_DIED', retryable: false } });
    expect(started.sort()).toEqual([0, 1, 2, 4]);
    const page = await resultsOf(room, await stateOf(room, jobId), { limit: 3, after: 0 });
    expect(page.results).toMatchObject([{ index: 1 }, { index: 2 }, { index: 3 }]);
    expect(page.cursor).toBe(3);
  });

  it('cannot write any more once another worker has taken over', async () => {
    const clock = new ShiftableClock();
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let first = true;
    const { workload, submission } = doubling({ sliceSize: 1 }, async () => {
      if (!first) return;
      first = false;
      entered.resolve();
      await gate.promise;
    });
    const room = cloud.room(workload, clock);
    const { jobId } = await submit(room, submission(values(1)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    const zombie = continueSlice(room, invocation(clock, 600_000), ref);
    await entered.promise;
    clock.shift(60_000);
    await continueSlice(room, invocation(clock), ref);
    gate.resolve();
    await zombie;
    const { job, outcomes, slices } = await stateOf(room, jobId);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ attempts: 2 });
    expect(slices[0]?.parts).toEqual(['2-0']);
    expect(job).toMatchObject({ status: 'completed', succeeded: 1 });
  });
});

describe('sweep', () => {
  it('sends a message that was never sent, later and later', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const room = cloud.room(workload, clock);
    const mute = { ...room, queue: { send: () => Promise.reject(new Error('queue is away')) } };
    const { jobId } = await submit(mute, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const sweepAfter = async (ms: number) => {
      clock.shift(ms);
      await sweep(room, clock.now() + 60_000);
      return (await cloud.receive()).filter((ref) => ref.jobId === jobId).length;
    };
    // A lease lasts ten seconds here: the first message comes after five of them, the second after ten.
    expect(await sweepAfter(45_000)).toBe(0);
    expect(await sweepAfter(10_000)).toBe(1);
    expect(await sweepAfter(40_000)).toBe(0);
    expect(await sweepAfter(10_000)).toBe(1);
    await continueSlice(room, invocation(clock), { jobId, sliceId: '000000' });
    expect((await stateOf(room, jobId)).job.status).toBe('completed');
  });

  it('counts a slice whose worker died between closing and counting it', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const room = cloud.room(workload, clock);
    const dying = { ...room.ledger, settle: () => Promise.reject(new Error('killed')) };
    const { jobId } = await submit(room, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice({ ...room, ledger: dying }, invocation(clock), ref).catch(() => {});
    expect((await stateOf(room, jobId)).job).toMatchObject({ status: 'running', succeeded: 0 });
    await sweep(room, clock.now() + 60_000);
    await sweep(room, clock.now() + 60_000);
    expect((await stateOf(room, jobId)).job).toMatchObject({ status: 'completed', succeeded: 5 });
  });

  it('ends a job whose last worker died between counting and ending it', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const room = cloud.room(workload, clock);
    const dying = { ...room.ledger, finish: () => Promise.reject(new Error('killed')) };
    const { jobId } = await submit(room, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    await continueSlice({ ...room, ledger: dying }, invocation(clock), { jobId, sliceId: '000000' }).catch(
      () => {},
    );
    expect((await stateOf(room, jobId)).job).toMatchObject({ status: 'running', succeeded: 5 });
    await sweep(room, clock.now() + 60_000);
    expect((await stateOf(room, jobId)).job.status).toBe('completed');
    const unfinished: string[] = [];
    for await (const id of room.ledger.unfinished()) unfinished.push(id);
    expect(unfinished).not.toContain(jobId);
  });
});

describe('idempotency key', () => {
  const keyed = (submission: Recorded['submission']) => ({
    ...submission(values(5)),
    idempotency: { key: crypto.randomUUID(), requestHash: 'hash' },
  });

  it('stands for one job', async () => {
    const { workload, started, submission } = doubling();
    const room = cloud.room(workload);
    const request = keyed(submission);
    const first = await answer(room, invocation(room.clock), request, times());
    const again = await answer(room, invocation(room.clock), request, times());
    expect(again.existed).toBe(true);
    expect(again.state.job.id).toBe(first.state.job.id);
    expect(again.outcomes).toEqual(first.outcomes);
    expect(started).toHaveLength(5);
  });

  it('makes one job of requests that arrive together', async () => {
    const { workload, started, submission } = doubling();
    const room = cloud.room(workload);
    const request = keyed(submission);
    const all = await Promise.all(upTo(4).map(() => answer(room, invocation(room.clock), request, times())));
    expect(new Set(all.map(({ state }) => state.job.id)).size).toBe(1);
    expect(started).toHaveLength(5);
  });

  it('refuses another request, and another tenant has keys of its own', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const request = keyed(submission);
    await answer(room, invocation(room.clock), request, times());
    const other = { ...request, idempotency: { ...request.idempotency, requestHash: 'other' } };
    await expect(answer(room, invocation(room.clock), other, times())).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    const stranger = await answer(room, invocation(room.clock), { ...other, tenant: 'globex' }, times());
    expect(stranger.existed).toBe(false);
  });

  it('does not block the retry of a request that died before its job was recorded', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const room = cloud.room(workload, clock);
    const request = keyed(submission);
    const dying = { ...room.ledger, create: () => Promise.reject(new Error('killed')) };
    const limits = { waitUntil: clock.now() + 300, goneAt: clock.now() + 5_000 };
    await expect(submit({ ...room, ledger: dying }, request, 0, limits)).rejects.toThrow('killed');
    await expect(submit(room, request, 0, limits)).rejects.toMatchObject({
      code: 'IDEMPOTENT_REQUEST_RUNNING',
    });
    clock.shift(6_000);
    const retried = await submit(room, request, 0, {
      waitUntil: clock.now() + 300,
      goneAt: clock.now() + 5_000,
    });
    expect(retried.existed).toBe(false);
    await drain(room);
    expect((await stateOf(room, retried.jobId)).job.status).toBe('completed');
  });
});
