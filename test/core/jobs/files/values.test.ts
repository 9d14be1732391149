import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Format } from '../../../../src/core/formats/format.ts';
import { submitFile } from '../../../../src/core/jobs/submit-file.ts';
import { resultsOf } from '../../../../src/core/jobs/views/results.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import type { Workload } from '../../../../src/core/jobs/workload.ts';
import { namesOf, typesOf } from '../../../../src/core/json/shape.ts';
import { toJson } from '../../../../src/core/json/text.ts';
import { echo } from '../../../../src/workloads/echo/workload.ts';
import { membersOf, readAll, write } from '../../formats/files.ts';
import { drain, stateOf } from '../asking.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();

/** A job over a file that has ended, on slices of two rows. */
async function ended(name: string, content: string | Buffer, format: Format, workload: Workload = echo()) {
  const jobs = world.jobs({ ...workload, limits: { ...workload.limits, sliceSize: 2, checkpointMs: 0 } });
  const key = `uploads/acme/${name}`;
  await jobs.blobs.put(key, Buffer.from(content), 'application/octet-stream');
  const { id } = await submitFile(
    jobs,
    { tenant: 'acme', workload: workload.name, options: { delayMs: 0 }, source: { key }, output: { format } },
    { waitUntil: 0, goneAt: 0 },
  );
  await drain(world, jobs);
  const state = await stateOf(jobs, id);
  const bytes = async (file?: string) => (await jobs.blobs.get(file ?? '')) ?? Buffer.alloc(0);
  return {
    jobs,
    state,
    view: viewOf(state),
    output: await bytes(state.job.files?.output),
    errors: await bytes(state.job.files?.errors),
  };
}

const rowsIn = async (file: Buffer, name: string) =>
  (await readAll(file, { name })).map(({ value }) => membersOf(value));

/** A row's names, whatever its values are. */
const headerOf = async (file: Buffer, format: Format) =>
  (await rowsIn(file, `x.${format}`))[0]?.map(([name]) => name);

const years = 'name,2019,2020,10,note\r\nalpha,1,2,3,x\r\nbeta,4,5,6,"y, z"\r\ngamma,7,8,9,\r\n';
const columns = ['name', '2019', '2020', '10', 'note'];

describe('columns with names such as 2019 keep their order', () => {
  it.each(['csv', 'jsonl', 'json', 'xlsx'] as const)('from CSV into %s', async (format) => {
    const { output } = await ended('years.csv', years, format);
    expect(await headerOf(output, format)).toEqual(columns);
  });

  it.each(['csv', 'jsonl', 'xlsx'] as const)('from a workbook into %s', async (format) => {
    const rows = [{ name: 'alpha', 2019: '1', 2020: '2', 10: '3', note: 'x' }];
    const { output } = await ended('years.xlsx', await write(rows, { format: 'xlsx', columns }), format);
    expect(await headerOf(output, format)).toEqual(columns);
  });

  it('from JSON Lines byte by byte, also within values', async () => {
    const lines = '{"name":"a","2019":1,"10":{"z":0,"7":[{"b":1,"5":2}]}}\n{"2":"","name":"b","1":null}\n';
    const { output } = await ended('years.jsonl', lines, 'jsonl');
    expect(output.toString()).toBe(lines);
  });

  it('in the errors file, and with what a schema that copies rows makes of them', async () => {
    const strict = {
      ...echo(),
      item: z.looseObject({ note: z.string().min(1) }),
    };
    const { output, errors } = await ended('years.csv', years, 'csv', strict as Workload);
    expect(errors.toString().split('\r\n')[0]).toBe('name,2019,2020,10,note,error_code,error_message');
    expect(errors.toString()).toContain('gamma,7,8,9,,INVALID_ITEM');
    expect(output.toString().split('\r\n').slice(0, 2)).toEqual([
      'name,2019,2020,10,note,error_code,error_message',
      'alpha,1,2,3,x,,',
    ]);
  });

  it('in the pages of results', async () => {
    const { jobs, state } = await ended('years.csv', years, 'csv');
    const { results } = await resultsOf(jobs, state, { limit: 1, after: -1 });
    expect(toJson(results)).toContain('"output":{"name":"alpha","2019":"1","2020":"2","10":"3","note":"x"}');
  });
});

describe('numbers leave as they came', () => {
  const lines =
    '{"user_id":1610521604143693812,"price":1.10,"n":12345678901234567890,"h":1e400,"of":[-0,0.10]}\n' +
    '{"user_id":1,"price":2.5,"n":0.1000000000000000055511151231257827,"h":1E5,"of":{"x":1.0}}\n';

  it('from JSON Lines into JSON Lines', async () => {
    const { output, view } = await ended('ids.jsonl', lines, 'jsonl');
    expect(output.toString()).toBe(lines);
    expect(view.warnings).toBeUndefined();
  });

  it('from JSON Lines into CSV', async () => {
    const { output } = await ended('ids.jsonl', lines, 'csv');
    expect(output.toString().split('\r\n').slice(0, 2)).toEqual([
      'user_id,price,n,h,of',
      '1610521604143693812,1.10,12345678901234567890,1e400,"[-0,0.10]"',
    ]);
  });

  it('from JSON Lines into a workbook, where one that a spreadsheet would round is a text', async () => {
    const { output } = await ended('ids.jsonl', lines, 'xlsx');
    const [first] = await rowsIn(output, 'x.xlsx');
    expect(Object.fromEntries(first ?? [])).toMatchObject({
      user_id: '1610521604143693812',
      price: '1.1',
      n: '12345678901234567890',
      h: '1e400',
    });
  });

  it('from a file of failed rows', async () => {
    const failing = lines.replace('{', '{"fail":true,');
    const { errors } = await ended('ids.jsonl', failing, 'jsonl');
    expect(errors.toString()).toContain(
      '"user_id":1610521604143693812,"price":1.10,"n":12345678901234567890,"h":1e400',
    );
  });
});

describe('a table of JSON rows', () => {
  const lines = '{"id":1,"a":"x"}\n{"id":2,"b":"kept","a":"y"}\n{"id":3}\n{"id":4,"2019":"z","c":1}\n';

  it.each(['csv', 'xlsx'] as const)('has the columns of all rows: %s', async (format) => {
    const { output, view } = await ended('rows.jsonl', lines, format);
    expect(await headerOf(output, format)).toEqual(['id', 'a', 'b', '2019', 'c']);
    expect((await rowsIn(output, `x.${format}`))[1]).toContainEqual(['b', 'kept']);
    expect(view.warnings).toBeUndefined();
  });

  it('has them before those that a workload adds', async () => {
    const adds = { ...echo(), run: async (item: object) => ({ ...item, score: 1 }) } as Workload;
    const { output } = await ended('rows.jsonl', lines, 'csv', adds);
    expect(await headerOf(output, 'csv')).toEqual(['id', 'a', 'b', '2019', 'c', 'score']);
  });

  it.each(['csv', 'xlsx'] as const)('names columns that have no name: %s', async (format) => {
    const { output, view } = await ended('rows.jsonl', '{"id":1,"":"x"}\n{"id":2," ":"y"}\n', format);
    expect(await headerOf(output, format)).toEqual(['id', 'column_2', 'column_3']);
    expect(view.warnings).toEqual(
      ['column_2', 'column_3'].map((name) => ({
        code: 'COLUMN_NAMED',
        message: `A column without a name is called "${name}" in the output file`,
      })),
    );
  });

  it.each(['csv', 'xlsx'] as const)('names what it leaves out: %s', async (format) => {
    const varies = {
      ...echo(),
      run: async (item: Record<string, unknown>) => ({ id: item.id, [`of_${item.id}`]: 1 }),
    } as unknown as Workload;
    const { output, view } = await ended('rows.jsonl', lines, format, varies);
    expect(await headerOf(output, format)).toEqual(['id', 'of_1']);
    expect(view.warnings).toEqual([
      {
        code: 'COLUMNS_LEFT_OUT',
        message:
          'The output file has no columns for some values of 3 rows, which JSON Lines would keep: of_2, of_3, of_4',
      },
    ]);
  });
});

it('the cells of a workbook leave as what they came, also of a row that fails', async () => {
  const file = await readFile(new URL('../../formats/fixtures/types.xlsx', import.meta.url));
  const { state, output, errors } = await ended('types.xlsx', file, 'xlsx');
  expect(state.job).toMatchObject({ succeeded: 1, failed: 1 });
  const given = await readAll(file);
  const typesIn = async (workbook: Buffer) =>
    (await readAll(workbook)).map(({ value }) => [
      membersOf(value).slice(0, -2),
      typesOf(value, namesOf(value).slice(0, -2)),
    ]);
  const before = given.map(({ value }) => [membersOf(value), typesOf(value, namesOf(value))]);
  expect(await typesIn(output)).toEqual(before);
  expect(await typesIn(errors)).toEqual(before.slice(0, 1));
});
