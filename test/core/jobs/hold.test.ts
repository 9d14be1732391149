import { expect, it } from 'vitest';
import * as z from 'zod';
import { sleep, systemClock } from '../../../src/core/engine/clock.ts';
import { cancel } from '../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import { buryDeadLetter } from '../../../src/core/jobs/dead-letter.ts';
import { hold } from '../../../src/core/jobs/hold.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { resume } from '../../../src/core/jobs/resume.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { submitFile } from '../../../src/core/jobs/submit-file.ts';
import { sweep } from '../../../src/core/jobs/sweep.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { drain, stateOf, upTo } from './asking.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();
const times = { waitUntil: 0, goneAt: 0 };
const forEver = Number.POSITIVE_INFINITY;

/** The same room as seen from the service of a command, or from one of nobody's. */
const within = (jobs: JobsContext, session?: string): JobsContext => {
  const { session: _, ...settings } = jobs.settings;
  return { ...jobs, settings: { ...settings, ...(session !== undefined && { session }) } };
};

/** A job of a command that was killed: one slice of ten items was under way, two had not begun. */
async function killed(before: Parameters<typeof doubling>[1] = async () => {}) {
  const clock = new ShiftableClock();
  const made = doubling({ concurrency: 1, sliceSize: 10 }, before);
  const jobs = within(world.jobs(made.workload, clock), 'first');
  const { jobId } = await submit(jobs, made.submission(values(30)), 0, times);
  const now = clock.now();
  await jobs.ledger.claim({ jobId, sliceId: '000000' }, { now, leaseUntil: now + 10_000 });
  return { ...made, jobs, jobId, clock };
}

it('is moved by nobody else: not by its messages, not by a sweep, not by the dead letters, whatever time passes', async () => {
  const { jobs, jobId, started, clock } = await killed();
  for (const other of [within(jobs, 'second'), within(jobs)]) {
    expect(await drain(world, other)).toBeGreaterThanOrEqual(0);
    clock.shift(3_600_000);
    await sweep(other, forEver);
    expect(await world.receive()).toEqual([]);
    await continueSlice(other, invocation(clock), { jobId, sliceId: '000001' });
    await buryDeadLetter(other, 'test', { jobId, sliceId: '000002' });
    const state = await stateOf(jobs, jobId);
    expect(started).toEqual([]);
    expect(viewOf(state, clock.now(), other.settings.session)).toMatchObject({
      status: 'running',
      held: true,
      heldSince: expect.any(String),
      errorCount: 0,
      pendingCount: 30,
    });
  }
  expect(viewOf(await stateOf(jobs, jobId), clock.now(), 'first')).not.toHaveProperty('held');
});

it('goes on where it is resumed, at once, without waiting for the leases of the dead; each item once', async () => {
  const { jobs, jobId, started } = await killed();
  const second = within(jobs, 'second');
  await drain(world, second);
  await resume(second, await stateOf(jobs, jobId), {});
  await drain(world, second);
  expect(started.sort((a, b) => a - b)).toEqual(upTo(30));
  const view = viewOf(await stateOf(jobs, jobId), undefined, 'second');
  expect(view).toMatchObject({ status: 'completed', successCount: 30 });
});

it('resumed by a service, it is that of the service, which goes on with it after a crash', async () => {
  const { jobs, jobId, started } = await killed();
  const service = within(jobs);
  await resume(service, await stateOf(jobs, jobId), {});
  expect((await stateOf(jobs, jobId)).job.owner).toBeUndefined();
  await drain(world, within(jobs));
  expect(started).toHaveLength(30);
});

it('tells until when its command was alive', async () => {
  const { jobs, jobId, clock } = await killed();
  clock.shift(5_000);
  await sweep(jobs, forEver);
  const seen = clock.now();
  clock.shift(60_000);
  const { heldSince = '' } = viewOf(await stateOf(jobs, jobId), clock.now());
  expect(Math.abs(Date.parse(heldSince) - seen)).toBeLessThan(1_000);
});

it('held on purpose, it stops within a second or so, and is the same after it was resumed', async () => {
  const made = doubling({ concurrency: 1, sliceSize: 10 }, async ({ value }, { signal }) => {
    if (value === 3) await sleep(systemClock, made.started.length > 20 ? 0 : 20_000, signal);
  });
  const jobs = within(world.jobs(made.workload));
  const { jobId } = await submit(jobs, made.submission(values(20)), 0, times);
  const working = drain(world, jobs);
  while (!made.started.includes(3)) await sleep(systemClock, 10);
  await hold(jobs, await stateOf(jobs, jobId));
  await hold(jobs, await stateOf(jobs, jobId));
  await working;
  expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({
    held: true,
    errorCount: 0,
  });
  await sweep(jobs, forEver);
  expect(await world.receive()).toEqual([]);

  made.started.push(...Array.from({ length: 20 }, () => -1));
  await resume(jobs, await stateOf(jobs, jobId), {});
  await drain(world, jobs);
  const view = viewOf(await stateOf(jobs, jobId));
  expect(view).toMatchObject({ status: 'completed', successCount: 20 });
  expect(view).not.toHaveProperty('held');
  await expect(hold(jobs, await stateOf(jobs, jobId))).rejects.toMatchObject({ code: 'JOB_ENDED' });
  await expect(resume(jobs, await stateOf(jobs, jobId), {})).rejects.toMatchObject({ code: 'JOB_ENDED' });
});

it('can be cancelled while it is held, and run again after that', async () => {
  const { jobs, jobId, started, clock } = await killed();
  const second = within(jobs, 'second');
  await cancel(second, await stateOf(jobs, jobId));
  clock.shift(20_000);
  await drain(world, second);
  expect(viewOf(await stateOf(jobs, jobId))).toMatchObject({ status: 'cancelled', cancelledCount: 30 });
  await retry(second, await stateOf(jobs, jobId));
  expect((await stateOf(jobs, jobId)).job.owner?.session).toBe('second');
  await drain(world, within(jobs, 'third'));
  expect(started).toEqual([]);
});

it('goes on at another pace, but not with options that change its results', async () => {
  const { workload, submission } = doubling({ concurrency: 1, sliceSize: 10 });
  const paced = {
    ...workload,
    decisiveOptions: ({ pace: _, ...rest }: Readonly<Record<string, unknown>>) => rest,
  };
  const jobs = within(world.jobs(paced), 'first');
  const given = { ...submission(values(30)), options: { pace: 1, kind: 'a' }, maxWorkers: 3 };
  const { jobId } = await submit(jobs, given, 0, times);
  await world.receive();
  const second = within(jobs, 'second');
  const other = { options: { pace: 9, kind: 'b' } };
  await expect(resume(second, await stateOf(jobs, jobId), other)).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
  });
  await resume(second, await stateOf(jobs, jobId), { options: { pace: 9, kind: 'a' }, maxWorkers: 1 });
  // One lane: one slice at a time.
  expect((await world.receive()).filter((ref) => ref.jobId === jobId)).toHaveLength(1);
  expect((await stateOf(jobs, jobId)).job).toMatchObject({
    options: { pace: 9 },
    maxWorkers: 1,
    sliceSize: 10,
  });
});

it('writes the files of an ended job again, in another format', async () => {
  const { workload } = doubling({ concurrency: 5, sliceSize: 10 });
  const jobs = world.jobs(workload);
  const key = 'uploads/acme/again.csv';
  await jobs.blobs.put(key, `value\r\n${upTo(25).join('\r\n')}\r\n`, 'text/csv');
  const job = await submitFile(
    jobs,
    { tenant: 'acme', workload: workload.name, options: {}, source: { key }, output: { format: 'csv' } },
    times,
  );
  await drain(world, jobs);
  const first = (await stateOf(jobs, job.id)).job;
  expect(first.status).not.toBe('running');
  await resume(jobs, await stateOf(jobs, job.id), { output: { format: 'jsonl', gzip: false } });
  expect(viewOf(await stateOf(jobs, job.id))).toMatchObject({ status: first.status, finishing: true });
  await drain(world, jobs);
  const { job: again } = await stateOf(jobs, job.id);
  expect(again).toMatchObject({ status: first.status, succeeded: first.succeeded, failed: first.failed });
  expect(again.finishing).toBeUndefined();
  expect(again.files?.output).toMatch(/\.jsonl$/);
  const lines = String(await jobs.blobs.get(again.files?.output ?? ''))
    .trim()
    .split('\n');
  expect(lines).toHaveLength(25);
  expect(() => lines.map((line) => JSON.parse(line))).not.toThrow();
});

it.each(['csv', 'jsonl'] as const)(
  'takes more rows of its file than were wanted first, from %s',
  async (format) => {
    const { workload, started } = doubling({ concurrency: 5, sliceSize: 10 });
    const rows = { ...workload, item: z.object({ value: z.coerce.number() }) };
    const jobs = world.jobs(rows);
    const key = `uploads/acme/more.${format}`;
    const line = (n: number) => (format === 'csv' ? `${n}` : `{"value":${n}}`);
    const head = format === 'csv' ? 'value\r\n' : '';
    await jobs.blobs.put(key, `${head}${upTo(60).map(line).join('\r\n')}\r\n`, 'text/csv');
    const source = { key, limit: 7 };
    const output = { format: 'jsonl' as const };
    const job = await submitFile(
      jobs,
      { tenant: 'acme', workload: workload.name, options: {}, source, output },
      times,
    );
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, job.id))).toMatchObject({ status: 'completed', totalItems: 7 });
    for (const [limit, total] of [
      [32, 32],
      [null, 60],
    ] as const) {
      await resume(jobs, await stateOf(jobs, job.id), { limit });
      await drain(world, jobs);
      const state = await stateOf(jobs, job.id);
      expect(viewOf(state)).toMatchObject({ status: 'completed', totalItems: total, successCount: total });
      const written = String(await jobs.blobs.get(state.job.files?.output ?? ''));
      expect(written.trim().split('\n')).toEqual(upTo(total).map((n) => `{"output":${2 * n}}`));
    }
    expect(started.sort((a, b) => a - b)).toEqual(upTo(60));
    // Fewer are there already.
    await expect(resume(jobs, await stateOf(jobs, job.id), { limit: 5 })).rejects.toMatchObject({
      code: 'JOB_ENDED',
    });
  },
);
