import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ItemError } from '../../../../src/core/engine/errors.ts';
import { cancel } from '../../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import { gatherSummary } from '../../../../src/core/jobs/files/summary.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../../src/core/jobs/retry.ts';
import { submit } from '../../../../src/core/jobs/submit.ts';
import { submitFile } from '../../../../src/core/jobs/submit-file.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import type { Summary, Workload } from '../../../../src/core/jobs/workload.ts';
import { defineWorkload } from '../../../../src/workloads/define.ts';
import { drain, stateOf, upTo } from '../asking.ts';
import { invocation } from '../surroundings.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const key = 'uploads/acme/rows.csv';

type Row = Record<string, string>;

/** A summary that lists what it was told. */
function listing(): Summary<Row> {
  const seen: [number, string][] = [];
  return { add: ({ index, status }) => seen.push([index, status]), result: () => seen };
}

/** A job over a file of so many rows, ten a slice; what stops or fails is decided by `before`. */
async function made(
  count: number,
  before: (n: number) => void,
  summary: () => Summary<Row> = listing,
  wrap: (jobs: JobsContext) => JobsContext = (jobs) => jobs,
) {
  const started: number[] = [];
  const workload = defineWorkload<Row, object, Row>({
    name: 'rows',
    description: 'A workload for tests',
    item: z.record(z.string(), z.string()),
    options: z.object({}),
    limits: { concurrency: 1, sliceSize: 10, checkpointMs: 0, expectedMsPerUnit: 1 },
    weight: () => 1,
    async run(row) {
      started.push(Number(row.n));
      before(Number(row.n));
      return { ...row, done: 'yes' };
    },
    summary,
  });
  const jobs = wrap(world.jobs(workload));
  const text = upTo(count)
    .map((n) => `${n}\r\n`)
    .join('');
  await jobs.blobs.put(key, `n\r\n${text}`, 'text/csv');
  const file = {
    tenant: 'acme',
    workload: 'rows',
    options: {},
    source: { key },
    output: { format: 'csv', gzip: false } as const,
  };
  const { id } = await submitFile(jobs, file, { waitUntil: 0, goneAt: 0 });
  const lines = async (name: 'output' | 'errors' | 'summary') => {
    const { files = {} } = (await stateOf(jobs, id)).job;
    const body = files[name] === undefined ? undefined : await jobs.blobs.get(files[name]);
    return body?.toString('utf8').trim().split('\r\n');
  };
  const summed = async () => JSON.parse((await lines('summary'))?.[0] ?? 'null');
  return { jobs, id, started, lines, summed };
}

describe('the files of a stopped job', () => {
  it('hold each row in its place, and are made anew when it is resumed', async () => {
    const trouble = { stops: true };
    const { jobs, id, started, lines, summed } = await made(25, (n) => {
      if (n === 3 && trouble.stops) throw new ItemError('UNLUCKY', 'not this time');
      if (n === 12 && trouble.stops) throw new ItemError('NO_CREDIT', 'none left', { stopsJob: true });
    });
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, id))).toMatchObject({
      status: 'cancelled',
      error: { code: 'NO_CREDIT' },
      successCount: 11,
      errorCount: 2,
      cancelledCount: 12,
    });
    const row = (n: number) => {
      if (n === 3) return '3,,UNLUCKY,not this time';
      if (n === 12) return '12,,NO_CREDIT,none left';
      return n < 12 ? `${n},yes,,` : `${n},,CANCELLED,The job was stopped before this row was processed`;
    };
    expect(await lines('output')).toEqual(['n,done,error_code,error_message', ...upTo(25).map(row)]);
    // Without what only the output has: it is there to be sent again.
    expect(await lines('errors')).toEqual([
      ...['n,error_code,error_message', '3,UNLUCKY,not this time', '12,NO_CREDIT,none left'],
    ]);
    expect(await summed()).toEqual(upTo(13).map((n) => [n, n === 3 || n === 12 ? 'failed' : 'succeeded']));

    trouble.stops = false;
    const errors = (await stateOf(jobs, id)).job.files?.errors ?? '';
    await retry(jobs, await stateOf(jobs, id));
    await drain(world, jobs);
    expect(started.sort((a, b) => a - b)).toEqual([...upTo(25), 3, 12].sort((a, b) => a - b));
    const { job } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'completed', succeeded: 25, failed: 0 });
    expect(job.files).toEqual({ output: `jobs/${id}/output.csv`, summary: `jobs/${id}/summary.json` });
    expect(await lines('output')).toEqual(['n,done', ...upTo(25).map((n) => `${n},yes`)]);
    expect(await jobs.blobs.get(errors)).toBeUndefined();
    expect(await summed()).toEqual(upTo(25).map((n) => [n, 'succeeded']));
  });

  it('hold what was read of a file that was not read to its end; resumed, it is read on', async () => {
    const { jobs, id, started, lines } = await made(45, () => {});
    const plan = { jobId: id, sliceId: 'plan' };
    await continueSlice(jobs, invocation(jobs.clock, 0), plan);
    await continueSlice(jobs, invocation(jobs.clock, 0), plan);
    await cancel(jobs, await stateOf(jobs, id));
    await drain(world, jobs);
    expect(started).toEqual([]);
    expect(viewOf(await stateOf(jobs, id))).toMatchObject({ totalItems: 20, cancelledCount: 20 });
    expect(await lines('output')).toHaveLength(21);
    await retry(jobs, await stateOf(jobs, id));
    expect(viewOf(await stateOf(jobs, id))).toMatchObject({ status: 'running', planning: true });
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, id))).toMatchObject({ status: 'completed', totalItems: 45 });
    expect(started.sort((a, b) => a - b)).toEqual(upTo(45));
    expect(await lines('output')).toEqual(['n,done', ...upTo(45).map((n) => `${n},yes`)]);
  });

  it('are there also when it is cancelled while they are written, and can be made once more', async () => {
    let cancelling: () => Promise<void> = async () => {};
    const { jobs, id, lines } = await made(
      5,
      () => {},
      listing,
      (plain) => ({
        ...plain,
        blobs: {
          ...plain.blobs,
          put: async (key, ...args) => {
            if (key.endsWith('/output.csv')) await cancelling();
            await plain.blobs.put(key, ...args);
          },
        },
      }),
    );
    cancelling = async () => cancel(jobs, await stateOf(jobs, id));
    await drain(world, jobs);
    expect(viewOf(await stateOf(jobs, id))).toMatchObject({ status: 'cancelled', cancelledCount: 0 });
    expect(viewOf(await stateOf(jobs, id)).finishing).toBeUndefined();
    expect(await lines('output')).toHaveLength(6);
    cancelling = async () => {};
    await retry(jobs, await stateOf(jobs, id));
    await drain(world, jobs);
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'completed', succeeded: 5, rounds: 1 });
  });
});

describe('a summary', () => {
  it('is made of a job without files too', async () => {
    const { jobs } = await made(1, () => {});
    await drain(world, jobs);
    const submission = { tenant: 'acme', workload: 'rows', items: upTo(12).map((n) => ({ n: `${n}` })) };
    const { jobId } = await submit(jobs, { ...submission, options: {} }, 0, { waitUntil: 0, goneAt: 0 });
    await drain(world, jobs);
    const { job } = await stateOf(jobs, jobId);
    expect(job).toMatchObject({ status: 'completed', files: { summary: `jobs/${jobId}/summary.json` } });
    expect(JSON.parse(String(await jobs.blobs.get(job.files?.summary ?? '')))).toHaveLength(12);
  });

  it('that throws costs the job nothing else', async () => {
    const broken = (): Summary<Row> => ({
      add: ({ index }) => {
        if (index === 2) throw new Error('a bug');
      },
      result: () => 'never',
    });
    const { jobs, id, lines } = await made(5, () => {}, broken);
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    expect(job.files).toEqual({ output: `jobs/${id}/output.csv` });
    expect(await lines('output')).toHaveLength(6);

    const late = { add: () => {}, result: () => Promise.reject(new Error('a bug')) };
    const workloads = new Map([['rows', { summary: () => late } as unknown as Workload]]);
    expect(await gatherSummary({ ...jobs, workloads }, job).write()).toBeUndefined();
  });
});
