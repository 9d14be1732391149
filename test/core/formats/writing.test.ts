import { buffer, text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import readSheets from 'read-excel-file/node';
import { describe, expect, it } from 'vitest';
import { formats } from '../../../src/core/formats/format.ts';
import { parseReadOptions } from '../../../src/core/formats/options.ts';
import { writeRows } from '../../../src/core/formats/write-rows.ts';
import { openPackage } from '../../../src/core/formats/xlsx/package.ts';
import { readAll, readValues, write } from './files.ts';
import { tables } from './tables.ts';

describe('a file in pieces', () => {
  it('is, one behind the other, the file as a whole', async () => {
    const cuts = fc.array(fc.nat({ max: 12 }), { maxLength: 4 });
    const textual = fc.constantFrom(...formats.filter((format) => format !== 'xlsx'));
    await fc.assert(
      fc.asyncProperty(tables, cuts, textual, fc.boolean(), async ({ columns, rows }, cuts, format, gzip) => {
        const places = [0, ...cuts.sort((a, b) => a - b), rows.length].map((at) => Math.min(at, rows.length));
        const pieces: Buffer[] = [];
        for (const [n, from] of places.entries()) {
          const piece = { rowsBefore: from, last: n === places.length - 1 };
          pieces.push(await write(rows.slice(from, places[n + 1] ?? from), { format, columns, gzip, piece }));
        }
        const put = Buffer.concat(pieces);
        const whole = await write(rows, { format, columns });
        expect((gzip ? gunzipSync(put) : put).equals(whole)).toBe(true);
      }),
    );
  });

  it('is not possible where it is a zip', async () => {
    await expect(
      write([], { format: 'xlsx', columns: ['a'], piece: { rowsBefore: 1, last: true } }),
    ).rejects.toMatchObject({ code: 'FORMAT_OPTIONS_INVALID' });
  });
});

describe('CSV', () => {
  it('is what another reader reads, too', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ columns, rows }) => {
        const written = await write(rows, { format: 'csv', columns });
        expect(parse(written, { columns: true })).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });

  it('writes values of all kinds', async () => {
    const row = { n: -1.5, b: true, no: null, un: undefined, o: { x: ['é'] }, d: new Date(0), big: 12n };
    const written = await write([row], { format: 'csv', newline: '\n' });
    expect(written.toString()).toBe(
      'n,b,no,un,o,d,big\n-1.5,true,,,"{""x"":[""é""]}",1970-01-01T00:00:00.000Z,12\n',
    );
  });

  it('escapes formulas and writes a mark when asked to', async () => {
    const rows = ['=1+2', '@x', '-5', '+1.5', '-x', 'a'].map((a) => ({ a }));
    const options = { format: 'csv', newline: '\n' } as const;
    expect((await write(rows, { ...options, escapeFormulas: true, bom: true })).toString()).toBe(
      "\ufeffa\n'=1+2\n'@x\n-5\n+1.5\n'-x\na\n",
    );
    expect((await write(rows, options)).toString()).toBe('a\n=1+2\n@x\n-5\n+1.5\n-x\na\n');
  });
});

describe.each(formats)('%s', (format) => {
  it('writes the columns asked for, in their order, whatever else rows have', async () => {
    const rows = [
      { b: '1', a: '2', x: '3' },
      { a: '4', b: '5', y: '6' },
    ];
    const file = await write(rows, { format, columns: ['a', 'b'] });
    expect((await readValues(file)).map((row) => Object.entries(row))).toEqual([
      [
        ['a', '2'],
        ['b', '1'],
      ],
      [
        ['a', '4'],
        ['b', '5'],
      ],
    ]);
  });

  it('takes rows no faster than its bytes are taken, and closes their source', async () => {
    let taken = 0;
    let closed = false;
    function* rows() {
      try {
        for (;;)
          yield Array.from({ length: 100 }, () => ({ n: ++taken, a: Math.random().toString(36).repeat(20) }));
      } finally {
        closed = true;
      }
    }
    const writing = writeRows(rows(), { format });
    await writing.next();
    // What fits into the buffers on the way is still taken.
    for (let before = 0; before < taken; ) {
      before = taken;
      expect(before).toBeLessThan(50_000);
      await setTimeout(100);
    }
    await writing.return();
    expect(closed).toBe(true);
  });

  it('passes on what the source throws', async () => {
    async function* failing() {
      yield [{ a: 1 }];
      throw new Error('part is missing');
    }
    for (const gzip of [false, true]) {
      await expect(buffer(writeRows(failing(), { format, gzip }))).rejects.toThrow('part is missing');
    }
  });

  it('writes the same bytes for the same rows, plain or gzip', async () => {
    const rows = [{ a: 'x' }, { a: 'y' }];
    const plain = await write(rows, { format });
    expect(await write(rows, { format })).toEqual(plain);
    expect(gunzipSync(await write(rows, { format, gzip: true }))).toEqual(plain);
  });
});

describe.each(['csv', 'xlsx'] as const)('%s', (format) => {
  it('refuses a row with a column that the first one has not, rather than lose it', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => (i === 250 ? { a: i, b: i } : { a: i }));
    await expect(write(rows, { format })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      details: { row: 251, column: 'b' },
    });
  });

  it('refuses a header that could not be read', async () => {
    await expect(write([], { format, columns: ['a', 'a'] })).rejects.toMatchObject({
      code: 'DUPLICATE_COLUMN',
    });
  });

  it('names columns without a name by their numbers', async () => {
    const file = await write([{ a: '1', '': '2', column_3: '3', ' ': '4' }], { format });
    expect(await readValues(file)).toEqual([{ a: '1', column_2: '2', column_3: '3', column_4: '4' }]);
  });

  it('writes the header of a table without rows', async () => {
    const file = await write([], { format, columns: ['a', 'b'] });
    await expect(readAll(file)).rejects.toMatchObject({ code: 'FILE_HAS_NO_ROWS' });
  });
});

it('a JSON array without rows is empty', async () => {
  expect(JSON.parse((await write([], { format: 'json' })).toString())).toEqual([]);
});

describe('XLSX', () => {
  it('is what another reader reads, too: numbers as numbers', async () => {
    const rows = [
      { id: 1, name: 'Ä <&> "quoted"\n 😀 ', ok: true, price: -0.5, none: null },
      { id: 2 ** 53, name: '', ok: false, price: 1e-7, none: 'x' },
    ];
    const sheets = await readSheets(await write(rows, { format: 'xlsx', sheet: 'Out <1>' }), { trim: false });
    expect(sheets).toEqual([
      {
        sheet: 'Out <1>',
        data: [
          ['id', 'name', 'ok', 'price', 'none'],
          [1, 'Ä <&> "quoted"\n 😀 ', true, -0.5, null],
          [2 ** 53, null, false, 1e-7, 'x'],
        ],
      },
    ]);
  });

  it('goes on in a next sheet when one is full, with the header again', async () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ n: i }));
    const file = await write(rows, { format: 'xlsx', maxSheetRows: 5 });
    const sheets = await readSheets(file);
    expect(sheets.map(({ sheet, data }) => [sheet, data.flat()])).toEqual([
      ['Data', ['n', 0, 1, 2, 3]],
      ['Data 2', ['n', 4, 5, 6, 7]],
      ['Data 3', ['n', 8, 9]],
    ]);
    expect((await readValues(file)).map(({ n }) => Number(n))).toEqual(rows.map(({ n }) => n));
    const exactly = await readSheets(await write(rows.slice(0, 8), { format: 'xlsx', maxSheetRows: 5 }));
    expect(exactly.map(({ sheet }) => sheet)).toEqual(['Data', 'Data 2']);
  });

  it('cuts what a cell cannot hold, and says so', async () => {
    const [fits, cut] = await readValues(
      await write([{ a: 'x'.repeat(32_767) }, { a: 'y'.repeat(40_000) }], { format: 'xlsx' }),
    );
    expect(fits?.a).toBe('x'.repeat(32_767));
    expect(cut?.a).toHaveLength(32_767);
    expect(cut?.a).toMatch(/^y+… \[cut, 40000 characters\]$/);
  });

  it('refuses more columns than a sheet has, and names it cannot give a sheet', async () => {
    const columns = Array.from({ length: 16_385 }, (_, i) => `c${i}`);
    await expect(write([], { format: 'xlsx', columns })).rejects.toMatchObject({
      code: 'COLUMN_NOT_ACCEPTED',
    });
    await expect(write([], { format: 'xlsx', sheet: 'a/b' })).rejects.toMatchObject({
      code: 'FORMAT_OPTIONS_INVALID',
    });
  });
});

it('a workbook is fit to be opened: a bold header that stays in view, widths, and wrapped long texts', async () => {
  const rows = [{ id: 1, name: '株式会社', note: 'x'.repeat(200), lines: 'a\nb', formula: '=1+1' }];
  const parts = await openPackage(
    await write(rows, { format: 'xlsx', escapeFormulas: true }),
    parseReadOptions({}).limits,
  );
  const xml = async (path: string) => text(await parts.open(path));
  const sheet = await xml('xl/worksheets/sheet1.xml');
  const styles =
    (await xml('xl/styles.xml'))
      .match(/<cellXfs.*<\/cellXfs>/)?.[0]
      .match(/<xf .*?(?:<\/xf>|\/>(?!<alignment))/g) ?? [];
  parts.close();
  expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
  expect([...sheet.matchAll(/ width="(\d+)"/g)].map(([, width]) => Number(width))).toEqual([8, 10, 60, 8, 9]);
  const styleOf = (cell: string) =>
    styles[Number(new RegExp(`r="${cell}"(?: s="(\\d+)")?`).exec(sheet)?.[1] ?? 0)];
  expect(styleOf('A1')).toContain('fontId="1"');
  expect(styleOf('B2')).toContain('fontId="0"');
  for (const cell of ['C2', 'D2']) expect(styleOf(cell)).toContain('wrapText="1"');
  expect(sheet).toContain('>=1+1</t>');
});
