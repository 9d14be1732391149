import { describe, expect, it } from 'vitest';
import { ItemError } from '../../src/engine/errors.ts';
import { continueSlice } from '../../src/jobs/continue.ts';
import { retry } from '../../src/jobs/retry.ts';
import type { Room } from '../../src/jobs/room.ts';
import { submit } from '../../src/jobs/submit.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { viewOf } from '../../src/jobs/view.ts';
import { drain, indices, stateOf, upTo } from './asking.ts';
import { cloudOfFile, invocation, ShiftableClock } from './cloud.ts';
import { doubling, values } from './workload.ts';

const cloud = await cloudOfFile();

/** A job of 20 items in slices of 5, of which those in `failing` fail. */
async function ended(more: Partial<Room> = {}) {
  const failing = new Set([3, 4, 11]);
  const made = doubling({}, async ({ value }) => {
    if (failing.has(value)) throw new ItemError('UNLUCKY', `no luck with ${value}`, { retryable: true });
  });
  const room = cloud.room(made.workload, undefined, more);
  const { jobId } = await submit(room, made.submission(values(20)), 0, { waitUntil: 0, goneAt: 0 });
  await drain(cloud, room);
  made.started.length = 0;
  return { ...made, failing, room, jobId };
}

describe('a job that is run again', () => {
  it('runs only what failed, and has one outcome for each item in the end', async () => {
    const { room, jobId, started, failing } = await ended();
    expect(viewOf(await stateOf(room, jobId))).toMatchObject({ status: 'partial', errorCount: 3 });
    failing.delete(3);
    failing.delete(11);
    await retry(room, await stateOf(room, jobId));
    expect(viewOf(await stateOf(room, jobId))).toMatchObject({
      status: 'running',
      successCount: 17,
      errorCount: 0,
    });
    await drain(cloud, room);
    expect(started.sort((a, b) => a - b)).toEqual([3, 4, 11]);
    const state = await stateOf(room, jobId);
    expect(viewOf(state)).toMatchObject({
      status: 'partial',
      successCount: 19,
      errorCount: 1,
      processedItems: 20,
    });
    expect(indices(state.outcomes)).toEqual(upTo(20));
    expect(state.outcomes.filter(({ status }) => status === 'failed').map(({ index }) => index)).toEqual([4]);

    failing.clear();
    await retry(room, state);
    await drain(cloud, room);
    const last = await stateOf(room, jobId);
    expect(viewOf(last)).toMatchObject({ status: 'completed', successCount: 20, errorCount: 0 });
    expect(indices(last.outcomes)).toEqual(upTo(20));
    expect(started).toEqual([3, 4, 11, 4]);
  });

  it('repeats nothing when a worker dies or a message comes again', async () => {
    const clock = new ShiftableClock();
    const { room, jobId, started, failing } = await ended({ clock });
    failing.clear();
    await retry(room, await stateOf(room, jobId));
    const [first] = (await stateOf(room, jobId)).slices.filter(({ id }) => id.includes('.r1'));
    const ref = { jobId, sliceId: first?.id ?? '' };
    // A worker takes it and dies: it is split, and each part runs once.
    await room.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 10 });
    clock.shift(60_000);
    await sweep(room, clock.now() + 60_000);
    await drain(cloud, room);
    await continueSlice(room, invocation(clock), ref);
    expect(started.sort((a, b) => a - b)).toEqual([3, 4, 11]);
    const state = await stateOf(room, jobId);
    expect(viewOf(state)).toMatchObject({ status: 'completed', successCount: 20 });
    expect(indices(state.outcomes)).toEqual(upTo(20));
  });

  it('is found by the sweeper when its messages were not sent', async () => {
    const clock = new ShiftableClock();
    const { room, jobId, failing } = await ended({ clock });
    failing.clear();
    const lost: Room = {
      ...room,
      queue: { ...room.queue, send: () => Promise.reject(new Error('no queue')) },
    };
    await retry(lost, await stateOf(room, jobId));
    expect(await cloud.receive()).toEqual([]);
    clock.shift(10 * 60_000);
    await sweep(room, clock.now() + 60_000);
    await drain(cloud, room);
    expect(viewOf(await stateOf(room, jobId))).toMatchObject({ status: 'completed', successCount: 20 });
  });

  it('is opened again once, even by two requests at a time', async () => {
    const { room, jobId, started, failing } = await ended();
    failing.clear();
    const state = await stateOf(room, jobId);
    const both = await Promise.allSettled([retry(room, state), retry(room, state)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await drain(cloud, room);
    expect(started.sort((a, b) => a - b)).toEqual([3, 4, 11]);
    expect(viewOf(await stateOf(room, jobId))).toMatchObject({ status: 'completed', successCount: 20 });
  });

  it('survives a request that died before the job was open again', async () => {
    const { room, jobId, failing } = await ended();
    failing.clear();
    const state = await stateOf(room, jobId);
    const dies: Room = {
      ...room,
      ledger: { ...room.ledger, reopen: () => Promise.reject(new Error('killed')) },
    };
    await expect(retry(dies, state)).rejects.toThrow('killed');
    await retry(room, await stateOf(room, jobId));
    await drain(cloud, room);
    expect(viewOf(await stateOf(room, jobId))).toMatchObject({ status: 'completed', successCount: 20 });
  });

  it('is refused while it runs, and where nothing has failed', async () => {
    const { room, jobId, failing } = await ended();
    failing.clear();
    await retry(room, await stateOf(room, jobId));
    await expect(retry(room, await stateOf(room, jobId))).rejects.toMatchObject({ code: 'JOB_NOT_ENDED' });
    await drain(cloud, room);
    await expect(retry(room, await stateOf(room, jobId))).rejects.toMatchObject({ code: 'NOTHING_FAILED' });
  });
});

it("a tenant's jobs are listed, the latest first, page by page", async () => {
  const { workload, submission } = doubling();
  const room = cloud.room(workload);
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    const one = { ...submission(values(1)), tenant: 'lister' };
    made.unshift((await submit(room, one, 0, { waitUntil: 0, goneAt: 0 })).jobId);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const first = await room.ledger.jobsOf('lister', 3);
  expect(first.map(({ id }) => id)).toEqual(made.slice(0, 3));
  const second = await room.ledger.jobsOf('lister', 3, first.at(-1)?.id);
  expect(second.map(({ id }) => id)).toEqual(made.slice(3));
  expect(await room.ledger.jobsOf('nobody', 3)).toEqual([]);
});
