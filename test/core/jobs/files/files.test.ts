import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { problemResponse } from '../../../../handlers/edge/problem.ts';
import { openRows } from '../../../../src/core/formats/open-rows.ts';
import type { Row } from '../../../../src/core/formats/rows.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import type { JobOutput } from '../../../../src/core/jobs/model/job.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../../src/core/jobs/retry.ts';
import { submitFile } from '../../../../src/core/jobs/submit-file.ts';
import { sweep } from '../../../../src/core/jobs/sweep.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import { echo } from '../../../../src/workloads/echo/workload.ts';
import { drain, stateOf } from '../asking.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const leads = 'uploads/acme/leads.csv';

/** A context whose echo takes ten rows a slice, and a file in the store. */
async function withFile(content: string | Buffer, more: Partial<JobsContext> = {}, key = leads) {
  const small = { ...echo(), limits: { ...echo().limits, sliceSize: 10, checkpointMs: 0 } };
  const jobs = world.jobs({ ...small, columns: ['city'] }, undefined, more);
  await jobs.blobs.put(key, Buffer.from(content), 'text/csv');
  const submit = (format: JobOutput['format'] = 'csv', tenant = 'acme', gzip = false) =>
    submitFile(
      jobs,
      { tenant, workload: 'echo', options: { delayMs: 0 }, source: { key }, output: { format, gzip } },
      { waitUntil: 0, goneAt: 0 },
    );
  return { jobs, key, submit };
}

const cities = (count: number, more = (_: number) => '') =>
  `city,n,fail\r\n${Array.from({ length: count }, (_, n) => `"City, no. ${n}",${n},${more(n)}\r\n`).join('')}`;

async function text(jobs: JobsContext, file: string | undefined): Promise<string> {
  return (await jobs.blobs.get(file ?? ''))?.toString('utf8') ?? '';
}

describe('a file', () => {
  it('goes in and comes out, row by row in its order', async () => {
    const input = cities(95);
    const { jobs, submit } = await withFile(input);
    const { id } = await submit();
    expect(viewOf(await stateOf(jobs, id))).toMatchObject({ status: 'running', planning: true, progress: 0 });
    await drain(world, jobs);
    const state = await stateOf(jobs, id);
    expect(viewOf(state)).toMatchObject({ status: 'completed', totalItems: 95, successCount: 95 });
    expect(viewOf(state).planning).toBeUndefined();
    expect(state.slices.map(({ span }) => span)).toEqual([...Array(9).fill(10), 5]);
    expect(state.job.files).toEqual({ output: `jobs/${id}/output.csv` });
    expect(await text(jobs, state.job.files?.output)).toBe(input);
  });

  it('comes out with the errors of rows that fail, which have a file of their own, fit to be sent again', async () => {
    const { jobs, key, submit } = await withFile(
      cities(30, (n) => (n % 10 === 3 ? 'true' : n === 17 ? 'perhaps' : '')),
    );
    const { id } = await submit('jsonl');
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'partial', succeeded: 26, failed: 4 });
    const output = (await text(jobs, job.files?.output))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(output.map(({ n }) => n)).toEqual(Array.from({ length: 30 }, (_, n) => String(n)));
    expect(output[3]).toMatchObject({ city: 'City, no. 3', error_code: 'TOLD_TO_FAIL' });
    expect(output[17]).toMatchObject({ error_code: 'INVALID_ITEM' });
    expect(output[4]).toEqual({ city: 'City, no. 4', n: '4', fail: '' });

    const errors = await text(jobs, job.files?.errors);
    expect(job.files?.errors).toBe(`jobs/${id}/errors.csv`);
    // Sent again with one row mended, then with all: what they said the last time is not passed on.
    const sentAgain = async (file: string) => {
      await jobs.blobs.put(key, file, 'text/csv');
      const again = await submit();
      await drain(world, jobs);
      const { job } = await stateOf(jobs, again.id);
      return { job, lines: (await text(jobs, job.files?.output)).trimEnd().split('\r\n') };
    };
    const second = await sentAgain(errors.replace('perhaps', ''));
    expect(second.job).toMatchObject({ status: 'partial', succeeded: 1, failed: 3 });
    expect(second.lines).toEqual([
      'city,n,fail,error_code,error_message',
      expect.stringMatching(/^"City, no. 3",3,true,TOLD_TO_FAIL,/),
      expect.stringMatching(/^"City, no. 13",13,true,TOLD_TO_FAIL,/),
      '"City, no. 17",17,,,',
      expect.stringMatching(/^"City, no. 23",23,true,TOLD_TO_FAIL,/),
    ]);
    const third = await sentAgain((await text(jobs, second.job.files?.errors)).replaceAll('true', ''));
    expect(third.job.status).toBe('completed');
    expect(third.lines).toEqual(['city,n,fail', ...[3, 13, 23].map((n) => `"City, no. ${n}",${n},`)]);
  });

  it('tells of rows that cannot be read where they are, and keeps what could be read of them', async () => {
    const { jobs, submit } = await withFile('city,n\r\nOslo,1\r\n"Berg"en,2\r\nHull, UK,3\r\n');
    const { id } = await submit();
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    const failed = [
      '"""Berg""en",2,TEXT_AFTER_QUOTE,"Row 3, column city: Text follows the closing quote: a quote within a cell has to be doubled"',
      `Hull," UK",TOO_MANY_CELLS,"Row 4, column 3: The row is too long: beyond the header's 2 columns it has ""3"""`,
    ];
    const header = 'city,n,error_code,error_message';
    const linesOf = async (file: string | undefined) => (await text(jobs, file)).trimEnd().split('\r\n');
    expect(await linesOf(job.files?.errors)).toEqual([header, ...failed]);
    expect(await linesOf(job.files?.output)).toEqual([header, 'Oslo,1,,', ...failed]);
  });

  it('is read in the encoding that it is said to have, also by a planner that goes on for another', async () => {
    const latin = Buffer.from(`city\r\n${'São Paulo\r\n'.repeat(25)}`, 'latin1');
    const { jobs, key, submit } = await withFile(latin);
    await expect(submit()).rejects.toMatchObject({
      code: 'ENCODING_INVALID',
      message: expect.stringContaining('name its encoding, such as windows-1252'),
    });
    const { id } = await submitFile(
      jobs,
      {
        ...{ tenant: 'acme', workload: 'echo', options: { delayMs: 0 }, output: { format: 'csv' } },
        source: { key, encoding: 'windows-1252' },
      },
      { waitUntil: 0, goneAt: 0 },
    );
    await world.receive();
    await continueSlice(jobs, invocation(jobs.clock, 0), { jobId: id, sliceId: 'plan' });
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'completed', totalItems: 25 });
    expect(await text(jobs, job.files?.output)).toBe(latin.toString('latin1'));
  });

  it('of JSON comes out as JSON with each row as it is, and as a table with the columns of all', async () => {
    const input = '{"city":"a","n":1}\n{"city":"b",\n{"city":"c","tags":["x"]}\n{"fail":true,"x":0}\n7\n';
    const { jobs, submit } = await withFile(input, {}, 'uploads/acme/leads.jsonl');
    const lines = await submit('jsonl');
    const table = await submit('csv');
    await drain(world, jobs);
    const { files } = (await stateOf(jobs, lines.id)).job;
    const rowsOf = async (file: string | undefined) =>
      (await text(jobs, file))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const invalid = {
      raw: '{"city":"b",',
      error_code: 'JSON_INVALID',
      error_message: expect.stringMatching(/^Row 2: Not valid JSON/),
    };
    const told = { fail: true, x: 0, error_code: 'TOLD_TO_FAIL', error_message: expect.any(String) };
    const number = {
      raw: '7',
      error_code: 'NOT_AN_OBJECT',
      error_message: expect.stringMatching(/^Row 5: /),
    };
    expect(await rowsOf(files?.output)).toEqual([
      ...[{ city: 'a', n: 1 }, invalid, { city: 'c', tags: ['x'] }],
      ...[told, number],
    ]);
    expect(await rowsOf(files?.errors)).toEqual([invalid, told, number]);
    const rows = (await text(jobs, (await stateOf(jobs, table.id)).job.files?.output)).split('\r\n');
    expect([rows[0], rows[1], rows[3]]).toEqual([
      'city,n,tags,fail,x,error_code,error_message',
      'a,1,,,,,',
      'c,,"[""x""]",,,,',
    ]);
  });

  it('comes out as gzip where that is asked for, and its errors where it came as such', async () => {
    const { jobs, submit } = await withFile(gzipSync(cities(30, (n) => (n === 7 ? 'true' : ''))));
    const plain = await submit('jsonl');
    const packed = await submit('json', 'acme', true);
    await drain(world, jobs);
    const filesOf = async (id: string) => (await stateOf(jobs, id)).job.files;
    expect(await filesOf(plain.id)).toEqual({
      output: `jobs/${plain.id}/output.jsonl`,
      errors: `jobs/${plain.id}/errors.csv.gz`,
    });
    const files = await filesOf(packed.id);
    expect(files?.output).toBe(`jobs/${packed.id}/output.json.gz`);
    const unpacked = async (file: string | undefined) =>
      gunzipSync((await jobs.blobs.get(file ?? '')) ?? '').toString();
    expect(JSON.parse(await unpacked(files?.output))).toHaveLength(30);
    expect(await unpacked(files?.errors)).toMatch(/^city,n,fail,error_code,.*\r\n"City, no. 7",7,true,TOLD/);
  });

  it('is planned by several workers in turn, and through their deaths and failures, to the same slices', async () => {
    const clock = new ShiftableClock();
    const input = cities(200);
    const { jobs, submit } = await withFile(input, { clock });
    const { id } = await submit();
    const ref = { jobId: id, sliceId: 'plan' };
    await world.receive();
    // No time for more than one slice; then one that takes the task and dies; then one that fails in the middle.
    await continueSlice(jobs, invocation(clock, 0), ref);
    expect(viewOf(await stateOf(jobs, id))).toMatchObject({ planning: true, totalItems: 10 });
    await jobs.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 10 });
    clock.shift(60_000);
    // It has noted how far it was before, and planned two slices since then.
    let planned = 0;
    const failing: JobsContext = {
      ...jobs,
      ledger: {
        ...jobs.ledger,
        add: (slices) => (++planned > 3 ? Promise.reject(new Error('broken')) : jobs.ledger.add(slices)),
      },
      // Not held back: it would come while another test looks.
      queue: { ...jobs.queue, send: (refs, tenant) => jobs.queue.send(refs, tenant) },
    };
    await continueSlice(failing, invocation(clock), ref);
    expect(planned).toBe(4);
    clock.shift(60_000);
    await sweep(jobs, clock.now() + 60_000);
    await drain(world, jobs);
    const state = await stateOf(jobs, id);
    expect(viewOf(state)).toMatchObject({ status: 'completed', totalItems: 200, successCount: 200 });
    expect(await text(jobs, state.job.files?.output)).toBe(input);
  });

  it('is put together once, also when a worker dies over it or two do it at a time', async () => {
    const clock = new ShiftableClock();
    const input = cities(25);
    const { jobs, submit } = await withFile(input, { clock });
    let finished = 0;
    const counting: JobsContext = {
      ...jobs,
      ledger: {
        ...jobs.ledger,
        finish: async (...args) => {
          const first = await jobs.ledger.finish(...args);
          if (first) finished += 1;
          return first;
        },
      },
    };
    const { id } = await submit();
    const dying: JobsContext = {
      ...counting,
      blobs: {
        ...jobs.blobs,
        put: async (key, ...args) => {
          if (key.endsWith('/output.csv')) throw new Error('killed');
          await jobs.blobs.put(key, ...args);
        },
      },
    };
    const refs = await world.receive();
    for (const ref of refs) await continueSlice(dying, invocation(clock), ref);
    for (const ref of await world.receive())
      await continueSlice(dying, invocation(clock), ref).catch(() => {});
    const task = { jobId: id, sliceId: 'finish-0' };
    await continueSlice(dying, invocation(clock), task).catch(() => {});
    expect((await stateOf(jobs, id)).job.status).toBe('running');
    clock.shift(60_000);
    await Promise.all([
      continueSlice(counting, invocation(clock), task),
      continueSlice(counting, invocation(clock), task),
    ]);
    const { job } = await stateOf(jobs, id);
    expect(job.status).toBe('completed');
    expect(finished).toBe(1);
    expect(await text(jobs, job.files?.output)).toBe(input);
    await drain(world, jobs);
  });

  it('that is run again has its output put together anew', async () => {
    const { jobs, submit } = await withFile(cities(12, (n) => (n === 5 ? 'true' : '')));
    const { id } = await submit('xlsx');
    await drain(world, jobs);
    await retry(jobs, await stateOf(jobs, id));
    await drain(world, jobs);
    const { job, tasks } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'partial', rounds: 1, failed: 1 });
    expect(tasks.map(({ id }) => id)).toEqual(['finish-0', 'finish-1', 'plan']);
    const rows: Row[] = [];
    const file = await jobs.blobs.read(job.files?.output ?? '');
    if (!file) throw new Error('no output');
    for await (const batch of openRows(file)) {
      for (const row of batch.rows) rows.push(row.value);
    }
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 12 }, (_, n) => String(n)));
    expect(rows[5]).toMatchObject({ error_code: 'TOLD_TO_FAIL' });
  });
});

describe('a file that cannot be', () => {
  for (const [what, content, code] of [
    ['empty', '', 'FILE_EMPTY'],
    ['only a header', 'city,n\r\n', 'FILE_HAS_NO_ROWS'],
    ['without a column that is needed', 'cities,n\r\na,1\r\n', 'MISSING_COLUMN'],
    ['with a column twice', 'city,n,n\r\na,1,2\r\n', 'DUPLICATE_COLUMN'],
  ] as const) {
    it(`${what} is refused before there is a job`, async () => {
      const { jobs, submit } = await withFile(content);
      await expect(submit()).rejects.toMatchObject({ code });
      expect(await world.receive()).toEqual([]);
      expect(await jobs.ledger.jobsOf('nobody', 1)).toEqual([]);
    });
  }

  it('for want of a column is refused with the column, and the one that may have been meant', async () => {
    const { submit } = await withFile('Citie,n\r\na,1\r\n');
    const { statusCode, body = '' } = problemResponse(await submit().catch((error) => error));
    const said = 'There is no column "city" (did you mean "Citie"?)';
    expect(statusCode).toBe(422);
    expect(JSON.parse(body)).toMatchObject({
      code: 'MISSING_COLUMN',
      detail: said,
      errors: [{ path: expect.stringMatching(/^source, row 1, column city/), message: said }],
    });
  });

  it("or is another tenant's looks as if it were not there", async () => {
    const { submit } = await withFile(cities(3));
    await expect(submit('csv', 'other')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });

  it('without a column that is needed is told the nearest that it has', async () => {
    const { submit } = await withFile('n,City name,cty\r\n1,a,b\r\n');
    await expect(submit()).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      message: 'There is no column "city" (did you mean "cty"?)',
      details: { row: 1, column: 'city', missing: [{ column: 'city', nearest: 'cty' }] },
    });
  });

  for (const [format, file] of [
    ['jsonl', '{"citie":"a"}\n{"n":1,"citie":"b"}\n'],
    ['json', '[{"citie":"a"},{"n":1}]'],
  ] as const) {
    it(`as ${format} has no row with a column that is needed is refused; one row with it is enough`, async () => {
      const { jobs, key, submit } = await withFile(file, {}, `uploads/acme/rows.${format}`);
      await expect(submit()).rejects.toMatchObject({
        code: 'MISSING_COLUMN',
        message: 'There is no column "city" (did you mean "citie"?)',
      });
      expect(await world.receive()).toEqual([]);
      await jobs.blobs.put(key, Buffer.from(file.replace('citie', 'City')), 'text/plain');
      const { id } = await submit();
      await drain(world, jobs);
      expect(viewOf(await stateOf(jobs, id)).totalItems).toBe(2);
    });
  }

  it('breaks off far down ends its job, which says where; what is finished stays', async () => {
    const { limits, ...rest } = echo();
    const large = { ...rest, limits: { ...limits, sliceSize: 4_000, checkpointMs: 0 } };
    const { jobs, submit } = await withFile(`${cities(12_000)}"open,1,\r\n${'x,1,\r\n'.repeat(300_000)}`, {
      workloads: new Map([['echo', large]]),
    });
    const { id } = await submit();
    await continueSlice(jobs, invocation(jobs.clock, 0), { jobId: id, sliceId: 'plan' });
    await continueSlice(jobs, invocation(jobs.clock), { jobId: id, sliceId: '000000' });
    await drain(world, jobs);
    const state = await stateOf(jobs, id);
    expect(viewOf(state)).toMatchObject({
      status: 'failed',
      error: { code: 'UNBALANCED_QUOTE', details: { row: 12_002 } },
    });
    expect(state.outcomes.length).toBeGreaterThan(0);
  });
});
