import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../../../../src/core/engine/clock.ts';
import { ItemError } from '../../../../src/core/engine/errors.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { isClosed, newSlice, rootOf, sliceId } from '../../../../src/core/jobs/model/slice.ts';
import { retry } from '../../../../src/core/jobs/retry.ts';
import { startable } from '../../../../src/core/jobs/slices/lanes.ts';
import { submit } from '../../../../src/core/jobs/submit.ts';
import { submitFile } from '../../../../src/core/jobs/submit-file.ts';
import { sweep } from '../../../../src/core/jobs/sweep.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import { echo } from '../../../../src/workloads/echo/workload.ts';
import { drain, stateOf, upTo } from '../asking.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { doubling, values } from '../workload.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const free = { waitUntil: 0, goneAt: 0 };

/** Delivers all that is in the queue at the same time, until it is empty; the most slices that were at work together. */
async function rush(jobs: JobsContext, most: { atWork: number }): Promise<void> {
  for (;;) {
    const refs = await world.receive();
    if (refs.length === 0) return;
    const slices = refs.filter(({ sliceId }) => /^\d/.test(sliceId));
    most.atWork = Math.max(most.atWork, new Set(slices.map(({ sliceId }) => rootOf(sliceId))).size);
    await Promise.all(refs.map((ref) => continueSlice(jobs, invocation(jobs.clock), ref)));
  }
}

it('one slice of each lane may start: the first that is open, those at work included', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('queued', 'running', 'done', 'split'), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      (statuses, lanes) => {
        const slices = statuses.map((status, n) => ({
          ...newSlice({ jobId: 'j', id: sliceId(n), from: n, span: 1 }, 0),
          status: status as 'queued',
        }));
        const due = startable(slices, lanes).map(({ id }) => Number(id));
        expect(new Set(due.map((n) => n % lanes)).size).toBe(due.length);
        for (const [n, slice] of slices.entries()) {
          const before = slices.filter((one, m) => m < n && m % lanes === n % lanes && !isClosed(one));
          expect(due.includes(n)).toBe(!isClosed(slice) && before.length === 0);
        }
        expect(startable(slices, undefined)).toEqual(slices.filter((one) => !isClosed(one)));
      },
    ),
  );
});

describe('a job with a maximum of slices at work', () => {
  it('keeps to it from its beginning to its end, through failures and another round', async () => {
    const failing = new Set([7, 11, 32, 44]);
    let running = 0;
    let most = 0;
    const { workload, submission } = doubling({ sliceSize: 3, concurrency: 1 }, async ({ value }) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(systemClock, 5);
      running -= 1;
      if (failing.has(value)) throw new ItemError('UNLUCKY', 'no');
    });
    const jobs = world.jobs(workload);
    const { jobId } = await submit(jobs, { ...submission(values(48)), maxWorkers: 3 }, 0, free);
    const sent = { atWork: 0 };
    await rush(jobs, sent);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({
      successCount: 44,
      errorCount: 4,
      maxWorkers: 3,
    });
    expect([most, sent.atWork]).toEqual([3, 3]);
    failing.clear();
    await retry(jobs, await stateOf(jobs, jobId));
    // Slices 2, 3, 10, 14: the lanes 2, 0, 1 and 2 again.
    const first = await world.receive();
    expect(first.map(({ sliceId }) => sliceId).sort()).toEqual(['000002.r1', '000003.r1', '000010.r1']);
    await Promise.all(first.map((ref) => continueSlice(jobs, invocation(jobs.clock), ref)));
    expect(await drain(world, jobs)).toBe(1);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'completed', successCount: 48 });
  });

  it('keeps to it while its file is read', async () => {
    const small = { ...echo(), limits: { ...echo().limits, sliceSize: 2, checkpointMs: 0 } };
    const jobs = world.jobs(small);
    const key = 'uploads/acme/lanes.csv';
    await jobs.blobs.put(key, `n\r\n${'1\r\n'.repeat(31)}`, 'text/csv');
    const file = { tenant: 'acme', workload: 'echo', options: { delayMs: 0 }, source: { key } };
    const { id } = await submitFile(
      jobs,
      { ...file, output: { format: 'csv', gzip: false }, maxWorkers: 4 },
      free,
    );
    // One slice in each delivery of the planner's, others at work meanwhile.
    await world.receive();
    const most = { atWork: 0 };
    for (const _ of upTo(9)) {
      await continueSlice(jobs, invocation(jobs.clock, 0), { jobId: id, sliceId: 'plan' });
      await rush(jobs, most);
    }
    const state = await stateOf(jobs, id);
    expect(viewOf(state)).toMatchObject({ status: 'completed', totalItems: 31, successCount: 31 });
    expect(most.atWork).toBeGreaterThan(0);
    expect(most.atWork).toBeLessThanOrEqual(4);
  });

  it('has the parts of a split slice done one after the other, in its lane', async () => {
    const clock = new ShiftableClock();
    const { workload, submission, started } = doubling({ sliceSize: 5 });
    const jobs = world.jobs(workload, clock);
    const { jobId } = await submit(jobs, { ...submission(values(10)), maxWorkers: 1 }, 0, free);
    const ref = { jobId, sliceId: '000000' };
    await jobs.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 10 });
    await world.receive();
    clock.shift(60_000);
    await sweep(jobs, clock.now() + 60_000);
    const sent: string[] = [];
    for (let refs = await world.receive(); refs.length > 0; refs = await world.receive()) {
      sent.push([...new Set(refs.map(({ sliceId }) => sliceId))].join());
      for (const one of refs) await continueSlice(jobs, invocation(clock), one);
    }
    expect(sent).toEqual(['000000', ...upTo(5).map((n) => `000000.${n}`), '000001']);
    expect(started).toEqual(upTo(10));
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'completed' });
  });

  it('goes on by the sweeper when a worker could not send the next one', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling({ sliceSize: 5 });
    const jobs = world.jobs(workload, clock);
    const { jobId } = await submit(jobs, { ...submission(values(20)), maxWorkers: 1 }, 0, free);
    const dying: JobsContext = {
      ...jobs,
      queue: { ...jobs.queue, send: () => Promise.reject(new Error('killed')) },
    };
    const [ref] = await world.receive();
    if (!ref) throw new Error('nothing sent');
    await continueSlice(dying, invocation(clock), ref);
    // Come again, the message starts nothing.
    await continueSlice(jobs, invocation(clock), ref);
    expect(await world.receive()).toEqual([]);
    clock.shift(60 * 60_000);
    expect(await sweep(jobs, clock.now() + 60_000)).toMatchObject({ restarted: 1 });
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'completed', successCount: 20 });
  });
});
