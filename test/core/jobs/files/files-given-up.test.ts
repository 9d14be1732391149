import { describe, expect, it } from 'vitest';
import { InfrastructureError } from '../../../../src/core/engine/errors.ts';
import { writeRows } from '../../../../src/core/formats/write-rows.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import { buryDeadLetter } from '../../../../src/core/jobs/dead-letter.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { maxOutputCrashes } from '../../../../src/core/jobs/model/retry-policy.ts';
import { retry } from '../../../../src/core/jobs/retry.ts';
import { submitFile } from '../../../../src/core/jobs/submit-file.ts';
import { sweep } from '../../../../src/core/jobs/sweep.ts';
import type { Workload } from '../../../../src/core/jobs/workload.ts';
import { echo } from '../../../../src/workloads/echo/workload.ts';
import { drain, stateOf } from '../asking.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const key = 'uploads/acme/cities.csv';
const content = 'city\r\nLisbon\r\nOslo\r\n';

async function submitted() {
  const clock = new ShiftableClock();
  const jobs = world.jobs(echo(), clock);
  await jobs.blobs.put(key, Buffer.from(content), 'text/csv');
  const file = { tenant: 'acme', workload: 'echo', options: { delayMs: 0 }, source: { key } };
  const times = { waitUntil: 0, goneAt: 0 };
  const { id } = await submitFile(jobs, { ...file, output: { format: 'csv', gzip: false } }, times);
  const output = async () => {
    const { job } = await stateOf(jobs, id);
    return (await jobs.blobs.get(job.files?.output ?? ''))?.toString('utf8');
  };
  return { clock, jobs, id, output };
}

it('files that cannot be stored for long are given up, and written by a retry', async () => {
  const { clock, jobs, id, output } = await submitted();
  let attempts = 0;
  const full: JobsContext = {
    ...jobs,
    blobs: {
      ...jobs.blobs,
      async put(to, ...rest) {
        if (!to.endsWith('output.csv')) return jobs.blobs.put(to, ...rest);
        attempts += 1;
        throw new Error('no space left');
      },
    },
  };
  for (let hours = 0; (await stateOf(jobs, id)).job.status === 'running' && hours < 50; hours += 1) {
    await drain(world, full);
    clock.shift(3_600_000);
    await sweep(full, clock.now() + 10_000);
  }
  expect(attempts).toBe(maxOutputCrashes);
  const { job } = await stateOf(jobs, id);
  expect(job).toMatchObject({ status: 'cancelled', error: { code: 'FILES_NOT_WRITTEN' }, succeeded: 2 });
  await retry(jobs, await stateOf(jobs, id));
  await drain(world, jobs);
  expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'completed', succeeded: 2 });
  expect(await output()).toBe(content);
});

it('a job whose messages for reading and finishing end as dead letters goes on', async () => {
  const { clock, jobs, id, output } = await submitted();
  const bury = async (sliceId: string) => {
    await world.receive();
    await buryDeadLetter(jobs, 'deadLetter', { jobId: id, sliceId });
    clock.shift(60_000);
    await sweep(jobs, clock.now() + 10_000);
  };
  await bury('plan');
  for (const sliceId of ['plan', '000000']) {
    await continueSlice(jobs, invocation(clock), { jobId: id, sliceId });
  }
  await bury('finish-0');
  await drain(world, jobs);
  expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'completed', succeeded: 2, failed: 0 });
  expect(await output()).toBe(content);
});

describe('a file that', () => {
  const sourceOf = async (name: string, body: Uint8Array | string, workload = echo()) => {
    const clock = new ShiftableClock();
    const jobs = world.jobs(workload, clock);
    const key = `uploads/acme/${name}`;
    await jobs.blobs.put(key, body, 'application/octet-stream');
    const submission = { tenant: 'acme', workload: workload.name, options: { delayMs: 0 }, source: { key } };
    const submit = (format: 'csv' | 'xlsx' = 'csv') =>
      submitFile(jobs, { ...submission, output: { format, gzip: false } }, { waitUntil: 0, goneAt: 0 });
    return { clock, jobs, submit };
  };

  it('meets with three throttled writes while it is read is read all the same', async () => {
    const { clock, jobs, submit } = await sourceOf('throttled.csv', content);
    const { id } = await submit();
    let throttles = 3;
    const add: JobsContext['ledger']['add'] = async (work) => {
      if (throttles-- > 0) throw new InfrastructureError('TABLE_UNAVAILABLE', 'throttled', 'table');
      return jobs.ledger.add(work);
    };
    const throttled = { ...jobs, ledger: { ...jobs.ledger, add } };
    for (let hours = 0; (await stateOf(jobs, id)).job.status === 'running' && hours < 20; hours += 1) {
      await drain(world, throttled);
      clock.shift(3_600_000);
      await sweep(throttled, clock.now() + 10_000);
    }
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'completed', succeeded: 2 });
    expect(throttles).toBeLessThan(0);
  });

  it('cannot be read for an unknown reason is given up after three attempts, and read by a retry', async () => {
    const { clock, jobs, submit } = await sourceOf('unknown.csv', content);
    const { id } = await submit();
    let attempts = 0;
    const read: JobsContext['blobs']['read'] = async () => {
      attempts += 1;
      throw new Error('the disk says nothing');
    };
    const broken = { ...jobs, blobs: { ...jobs.blobs, read } };
    for (let hours = 0; (await stateOf(jobs, id)).job.status === 'running' && hours < 20; hours += 1) {
      await drain(world, broken);
      clock.shift(3_600_000);
      await sweep(broken, clock.now() + 10_000);
    }
    expect(attempts).toBe(3);
    expect((await stateOf(jobs, id)).job).toMatchObject({
      status: 'failed',
      error: { code: 'PLANNING_DIED' },
    });
    for (let rounds = 0; rounds < 3; rounds += 1) {
      await drain(world, jobs);
      clock.shift(60_000);
      await sweep(jobs, clock.now() + 10_000);
    }
    await retry(jobs, await stateOf(jobs, id));
    await drain(world, jobs);
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'completed', succeeded: 2 });
  });

  it('is a damaged workbook is refused at once, for good', async () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => ({ n, text: `row ${n}` }));
    const chunks = [];
    for await (const chunk of writeRows([rows], { format: 'xlsx', columns: ['n', 'text'] }))
      chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    const middle = Math.floor(whole.length / 2);
    for (let at = middle; at < middle + 50; at += 1) whole[at] = (whole[at] ?? 0) ^ 0xff;
    const { submit } = await sourceOf('damaged.xlsx', whole);
    await expect(submit()).rejects.toMatchObject({ code: 'NOT_A_WORKBOOK', retryable: false });
  });

  it('has more columns than a sheet ends at once, with the reason', async () => {
    const columns = Array.from({ length: 20_000 }, (_, n) => `c${n}`);
    const wide = `${columns.join(',')}\n${columns.map((_, n) => n).join(',')}\n`;
    const message =
      'A sheet of XLSX has at most 16384 columns, and there are 20000: choose CSV or JSON for the output';
    const refused = { code: 'COLUMN_NOT_ACCEPTED', message, retryable: false };
    const { submit } = await sourceOf('wide.csv', wide);
    await expect(submit('xlsx')).rejects.toMatchObject(refused);
    const json = await sourceOf(
      'wide.jsonl',
      JSON.stringify(Object.fromEntries(columns.map((name) => [name, 1]))),
    );
    await expect(json.submit('xlsx')).rejects.toMatchObject(refused);
    const widening: Workload = {
      ...echo(),
      run: async () => Object.fromEntries(columns.map((name) => [name, 1])),
    };
    const late = await sourceOf('narrow.csv', 'a\n1\n', widening);
    const { id } = await late.submit('xlsx');
    await drain(world, late.jobs);
    expect((await stateOf(late.jobs, id)).job).toMatchObject({
      status: 'cancelled',
      succeeded: 1,
      error: refused,
    });
  });
});
