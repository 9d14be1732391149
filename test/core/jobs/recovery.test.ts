import { describe, expect, it } from 'vitest';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { sweep } from '../../../src/core/jobs/sweep.ts';
import { resultsOf } from '../../../src/core/jobs/views/results.ts';
import { stateOf, upTo } from './asking.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

describe('a worker that vanishes', () => {
  /** Takes a slice and is never heard of again. */
  const vanish = async (
    jobs: JobsContext,
    clock: ShiftableClock,
    ref: { jobId: string; sliceId: string },
  ) => {
    const claim = await jobs.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 1_000 });
    expect(claim.kind).toBe('slice');
    clock.shift(2_000);
  };

  it('is replaced by the sweeper, its slice split, and the item that kills isolated', async () => {
    const clock = new ShiftableClock();
    const { workload, started, submission } = doubling();
    const jobs = world.jobs(workload, clock);
    const { jobId } = await submit(jobs, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    await world.receive();
    await vanish(jobs, clock, { jobId, sliceId: '000000' });
    await sweep(jobs, clock.now() + 60_000);
    const deliver = async () => {
      const mine = (await world.receive()).filter((ref) => ref.jobId === jobId);
      for (const ref of mine) {
        // Item 3 takes its worker with it, whoever tries.
        if (ref.sliceId === '000000.3' && (await jobs.ledger.slice(ref))?.claims !== 4)
          await vanish(jobs, clock, ref);
        else await continueSlice(jobs, invocation(clock), ref);
      }
    };
    await deliver();
    for (let round = 0; round < 4; round += 1) {
      await deliver();
      await sweep(jobs, clock.now() + 60_000);
    }
    const { job, outcomes, slices } = await stateOf(jobs, jobId);
    expect(slices.map(({ id, status }) => `${id} ${status}`)).toEqual([
      '000000 split',
      ...upTo(5).map((part) => `000000.${part} done`),
    ]);
    expect(job).toMatchObject({ status: 'partial', succeeded: 4, failed: 1 });
    expect(outcomes[3]).toMatchObject({ status: 'failed', error: { code: 'WORKER_DIED', retryable: false } });
    expect(started.sort()).toEqual([0, 1, 2, 4]);
    const page = await resultsOf(jobs, await stateOf(jobs, jobId), { limit: 3, after: 0 });
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
    const jobs = world.jobs(workload, clock);
    const { jobId } = await submit(jobs, submission(values(1)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    const zombie = continueSlice(jobs, invocation(clock, 600_000), ref);
    await entered.promise;
    clock.shift(60_000);
    await continueSlice(jobs, invocation(clock), ref);
    gate.resolve();
    await zombie;
    const { job, outcomes, slices } = await stateOf(jobs, jobId);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ attempts: 2 });
    expect(slices[0]?.parts).toEqual(['2-0']);
    expect(job).toMatchObject({ status: 'completed', succeeded: 1 });
  });

  it('does not stop the job for the items that it had to leave to its successor', async () => {
    const clock = new ShiftableClock();
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let taken = 0;
    const failures = { share: 0.1, of: 3 };
    const { workload, submission } = doubling({ concurrency: 1, failures }, async () => {
      taken += 1;
      if (taken > 1) return;
      entered.resolve();
      await gate.promise;
    });
    const jobs = world.jobs(workload, clock);
    const { jobId } = await submit(jobs, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    const zombie = continueSlice(jobs, invocation(clock, 600_000), ref);
    await entered.promise;
    clock.shift(60_000);
    gate.resolve();
    await Promise.all([continueSlice(jobs, invocation(clock), ref), zombie]);
    for (const next of await world.receive()) await continueSlice(jobs, invocation(clock), next);
    const { job } = await stateOf(jobs, jobId);
    expect(job).toMatchObject({ status: 'completed', succeeded: 5, failed: 0 });
  });
});

describe('sweep', () => {
  it('sends a message that was never sent, later and later', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload, clock);
    const mute = {
      ...jobs,
      queue: { ...jobs.queue, send: () => Promise.reject(new Error('queue is away')) },
    };
    const { jobId } = await submit(mute, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const sweepAfter = async (ms: number) => {
      clock.shift(ms);
      await sweep(jobs, clock.now() + 60_000);
      return (await world.receive()).filter((ref) => ref.jobId === jobId).length;
    };
    // A lease lasts ten seconds here: the first message comes after one of them, the second after two.
    expect(await sweepAfter(9_000)).toBe(0);
    expect(await sweepAfter(2_000)).toBe(1);
    expect(await sweepAfter(8_000)).toBe(0);
    expect(await sweepAfter(2_000)).toBe(1);
    await continueSlice(jobs, invocation(clock), { jobId, sliceId: '000000' });
    expect((await stateOf(jobs, jobId)).job.status).toBe('completed');
  });

  it('has more patience while messages wait in the queue, or when it cannot be asked', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    let waiting = async () => 1;
    const jobs = world.jobs(workload, clock);
    const sent: string[] = [];
    const busy: JobsContext = {
      ...jobs,
      queue: {
        send: async (refs) => void sent.push(...refs.map(({ jobId }) => jobId)),
        waiting: () => waiting(),
      },
    };
    const { jobId } = await submit(busy, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const sweepAfter = async (ms: number) => {
      sent.length = 0;
      clock.shift(ms);
      await sweep(busy, clock.now() + 60_000);
      return sent.filter((one) => one === jobId).length;
    };
    expect(await sweepAfter(25_000)).toBe(0);
    waiting = () => Promise.reject(new Error('queue is away'));
    expect(await sweepAfter(20_000)).toBe(0);
    expect(await sweepAfter(10_000)).toBe(1);
    await continueSlice(jobs, invocation(clock), { jobId, sliceId: '000000' });
  });

  it('counts a slice whose worker died between closing and counting it', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload, clock);
    const dying = { ...jobs.ledger, settle: () => Promise.reject(new Error('killed')) };
    const { jobId } = await submit(jobs, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice({ ...jobs, ledger: dying }, invocation(clock), ref).catch(() => {});
    expect((await stateOf(jobs, jobId)).job).toMatchObject({ status: 'running', succeeded: 0 });
    await sweep(jobs, clock.now() + 60_000);
    await sweep(jobs, clock.now() + 60_000);
    expect((await stateOf(jobs, jobId)).job).toMatchObject({ status: 'completed', succeeded: 5 });
  });

  it('ends a job whose last worker died between counting and ending it', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload, clock);
    const dying = { ...jobs.ledger, finish: () => Promise.reject(new Error('killed')) };
    const { jobId } = await submit(jobs, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    await continueSlice({ ...jobs, ledger: dying }, invocation(clock), { jobId, sliceId: '000000' }).catch(
      () => {},
    );
    expect((await stateOf(jobs, jobId)).job).toMatchObject({ status: 'running', succeeded: 5 });
    await sweep(jobs, clock.now() + 60_000);
    expect((await stateOf(jobs, jobId)).job.status).toBe('completed');
    const unfinished: string[] = [];
    for await (const id of jobs.ledger.unfinished()) unfinished.push(id);
    expect(unfinished).not.toContain(jobId);
  });
});
