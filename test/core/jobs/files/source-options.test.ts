import { expect, it } from 'vitest';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import { checkItemColumns } from '../../../../src/core/jobs/files/read-source.ts';
import type { JobOutput, JobSource } from '../../../../src/core/jobs/model/job.ts';
import { submitFile } from '../../../../src/core/jobs/submit-file.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import type { Workload } from '../../../../src/core/jobs/workload.ts';
import { echo } from '../../../../src/workloads/echo/workload.ts';
import { workbook } from '../../formats/files.ts';
import { drain, stateOf } from '../asking.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const key = 'uploads/acme/rows.csv';

interface Given {
  source?: Omit<JobSource, 'key'>;
  output?: Partial<JobOutput>;
  workload?: Partial<Workload>;
}

async function submitted(content: string | Buffer, { source, output, workload }: Given = {}) {
  const clock = new ShiftableClock();
  const jobs = world.jobs({ ...echo(), ...workload }, clock);
  await jobs.blobs.put(key, Buffer.from(content), 'text/csv');
  const file = { tenant: 'acme', workload: 'echo', options: { delayMs: 0 }, source: { key, ...source } };
  const { id } = await submitFile(
    jobs,
    { ...file, output: { format: 'csv', ...output } },
    { waitUntil: 0, goneAt: 0 },
  );
  const view = async () => viewOf(await stateOf(jobs, id));
  const text = async () => {
    const { job } = await stateOf(jobs, id);
    return (await jobs.blobs.get(job.files?.output ?? ''))?.toString('utf8');
  };
  return { clock, jobs, id, view, text };
}

const small = { limits: { ...echo().limits, sliceSize: 10, checkpointMs: 0 } };

it('what was done to the columns is told from the beginning, and what rows were left out at the end', async () => {
  const { jobs, view, text } = await submitted(',City Name,note,\n0,Rome,x,\n,,,\n1,Oslo,y,\n,,,\n', {
    workload: { ...small, columns: ['cityname'] },
    source: { map: { remark: 'NOTE' } },
  });
  const named = 'Column 1 has no name in the header (row 1): it is called "column_1"';
  const matched = ['Column "note" is used as "remark"', 'Column "City Name" is used as "cityname"'];
  const messages = async () => (await view()).warnings?.map(({ message }) => message);
  expect(await messages()).toEqual([named, ...matched]);
  await drain(world, jobs);
  expect(await messages()).toEqual(['2 rows without any value are left out', named, ...matched]);
  expect(await view()).toMatchObject({ status: 'completed', totalItems: 2 });
  expect(await text()).toBe('column_1,cityname,remark\r\n0,Rome,x\r\n1,Oslo,y\r\n');
});

it('a file without oddities has no warnings', async () => {
  const { jobs, view } = await submitted('city\nRome\n');
  await drain(world, jobs);
  expect(await view()).not.toHaveProperty('warnings');
});

it('columns that a workload only uses where they are get its names, too', async () => {
  const workload = { ...small, columns: ['city'], optionalColumns: ['zip_code'] };
  const { jobs, text } = await submitted('{"CITY":"Rome","Zip Code":1}\n{"city":"Oslo"}\n', {
    workload,
    source: { format: 'jsonl' },
    output: { format: 'jsonl' },
  });
  await drain(world, jobs);
  expect(await text()).toBe('{"city":"Rome","zip_code":1}\n{"city":"Oslo"}\n');
});

it('a limit ends the job after that many rows, even if the reading is handed on', async () => {
  const rows = Array.from({ length: 95 }, (_, n) => `${n}\n`).join('');
  for (const limit of [1, 10, 25, 200]) {
    const { clock, jobs, id, view } = await submitted(`n\n${rows}`, { workload: small, source: { limit } });
    // Each round has time for one slice only.
    for (let round = 0; round < 12; round += 1) {
      await continueSlice(
        jobs,
        { ...invocation(clock), stopAt: clock.now() },
        { jobId: id, sliceId: 'plan' },
      );
    }
    await drain(world, jobs);
    const items = Math.min(limit, 95);
    expect(await view()).toMatchObject({ status: 'completed', totalItems: items, successCount: items });
  }
});

it('a sheet is found by name or number, and its header below a title', async () => {
  const cell = (place: string, value: string) => `<c r="${place}" t="inlineStr"><is><t>${value}</t></is></c>`;
  const rows = (title: string, value: string) =>
    `<row r="1">${cell('A1', title)}</row><row r="3">${cell('A3', 'city')}</row><row r="4">${cell('A4', value)}</row>`;
  const file = await workbook({ sheets: { Cover: rows('a', 'b'), Data: rows('Report of May', 'Rome') } });
  for (const sheet of ['Data', 2, '2']) {
    const source = { format: 'xlsx' as const, sheet, skipRows: 1 };
    const { jobs, text } = await submitted(file, { source });
    await drain(world, jobs);
    expect(await text()).toBe('city\r\nRome\r\n');
  }
  await expect(submitted(file, { source: { format: 'xlsx', sheet: 'Dta' } })).rejects.toMatchObject({
    code: 'SHEET_NOT_FOUND',
    message: 'The workbook has no sheet "Dta" (did you mean "Data"?); it has "Cover", "Data"',
  });
});

it('an output for Excel begins with a mark, and holds no formulas, if its user wants that', async () => {
  const { jobs, text } = await submitted('=a,b\n=1+1,-5\n@x,"\tü"\n', {
    output: { bom: true, escapeFormulas: true },
  });
  await drain(world, jobs);
  expect(await text()).toBe('\ufeff"\'=a",b\r\n\'=1+1,-5\r\n\'@x,"\'\tü"\r\n');
});

it('items of a request are refused if none has a column that the workload needs', () => {
  const workload = { ...echo(), columns: () => ['city', 'zip'] };
  const check = (...items: unknown[]) => checkItemColumns(workload, {}, items);
  expect(() => check({ city: 'Rome' }, { zip: 1 })).not.toThrow();
  expect(() => check('no row')).not.toThrow();
  expect(() => check({ city: 'Rome', zipp: 1 })).toThrow('There is no column "zip" (did you mean "zipp"?)');
});
