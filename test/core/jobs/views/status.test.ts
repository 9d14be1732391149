import { describe, expect, it } from 'vitest';
import { ItemError } from '../../../../src/core/engine/errors.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import { withCode } from '../../../../src/core/jobs/model/slice.ts';
import { retry } from '../../../../src/core/jobs/retry.ts';
import { submit } from '../../../../src/core/jobs/submit.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import { drain, stateOf, upTo } from '../asking.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { doubling, values } from '../workload.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const soon = { waitUntil: 0, goneAt: 0 };

/** A job of `count` items in slices of 5, and what it takes to work on one slice after the other. */
async function submitted(count: number, failing: ReadonlyMap<number, string> = new Map()) {
  const clock = new ShiftableClock();
  const made = doubling({}, async ({ value }) => {
    const code = failing.get(value);
    if (code) throw new ItemError(code, 'no luck');
  });
  const jobs = world.jobs(made.workload, clock);
  const { jobId } = await submit(jobs, made.submission(values(count)), 0, soon);
  const refs = await world.receive();
  const workOnNext = async () => {
    const ref = refs.shift();
    if (ref) await continueSlice(jobs, invocation(clock), ref);
  };
  const view = async () => viewOf(await stateOf(jobs, jobId), clock.now());
  return { clock, jobs, jobId, workOnNext, view };
}

describe("a job's status", () => {
  it('counts failures by code, of every round only what counts', async () => {
    const failing = new Map([
      [0, 'ONE'],
      [1, 'ONE'],
      [7, 'OTHER_ONE'],
    ]);
    const { jobs, jobId, view } = await submitted(10, failing).then(async (job) => {
      await job.workOnNext();
      await job.workOnNext();
      return job;
    });
    expect(await view()).toMatchObject({ status: 'partial', errorCounts: { ONE: 2, OTHER_ONE: 1 } });
    failing.delete(0);
    failing.set(1, 'ANOTHER');
    await retry(jobs, await stateOf(jobs, jobId));
    expect((await view()).errorCounts).toBeUndefined();
    await drain(world, jobs);
    expect((await view()).errorCounts).toEqual({ ANOTHER: 1, OTHER_ONE: 1 });
  });

  it('tells how fast it goes of late, and how long that will take', async () => {
    const { clock, workOnNext, view } = await submitted(25);
    // 5 items in 20,000 s, twice; then the 5 of the third slice take 10,000 s.
    clock.shift(20_000_000);
    await workOnNext();
    expect((await view()).rate).toBeCloseTo(0.00025, 6);
    clock.shift(20_000_000);
    await workOnNext();
    clock.shift(10_000_000);
    await workOnNext();
    const { rate, etaSeconds = 0 } = await view();
    expect(rate).toBeCloseTo(0.0005, 5);
    expect(etaSeconds / 20_000).toBeCloseTo(1, 1);
  });

  it('waits for a worker while all of it lies in the queue', async () => {
    const { clock, workOnNext, view } = await submitted(10);
    expect(await view()).not.toHaveProperty('waitingFor');
    clock.shift(20_000);
    expect((await view()).waitingFor).toMatchObject({ kind: 'lane', name: 'a worker' });
    await workOnNext();
    await workOnNext();
    expect(await view()).not.toHaveProperty('waitingFor');
  });

  it('tells nothing of a rate before there is one', async () => {
    const { clock, view } = await submitted(5);
    clock.shift(60_000);
    const status = await view();
    expect(status).not.toHaveProperty('rate');
    expect(status).not.toHaveProperty('etaSeconds');
  });

  it('has the rate of all its time, and no end ahead, once it has ended', async () => {
    const { clock, workOnNext, view } = await submitted(10);
    clock.shift(10_000_000);
    await workOnNext();
    clock.shift(30_000_000);
    await workOnNext();
    clock.shift(500_000_000);
    const status = await view();
    expect(status.status).toBe('completed');
    expect(status.rate).toBeCloseTo(0.00025, 5);
    expect(status).not.toHaveProperty('etaSeconds');
  });

  it('counts its slices', async () => {
    const { jobs, jobId, clock, workOnNext, view } = await submitted(20);
    expect((await view()).slices).toEqual({ running: 0, done: 0, total: 4 });
    await workOnNext();
    await jobs.ledger.claim(
      { jobId, sliceId: '000003' },
      { now: clock.now(), leaseUntil: clock.now() + 1_000 },
    );
    expect((await view()).slices).toEqual({ running: 1, done: 1, total: 4 });
  });
});

describe('error codes', () => {
  it('are told apart up to a number, so that a record stays small', () => {
    const codes = upTo(50).reduce((sum, n) => withCode(sum, `CODE_${n % 25}`), {});
    expect(Object.keys(codes)).toHaveLength(21);
    expect(codes).toMatchObject({ CODE_0: 2, CODE_19: 2, OTHER: 10 });
    expect(withCode(codes, 'CODE_3')).toMatchObject({ CODE_3: 3, OTHER: 10 });
  });
});
