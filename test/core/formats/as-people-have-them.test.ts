import { describe, expect, it } from 'vitest';
import { parseReadOptions } from '../../../src/core/formats/options.ts';
import { openPackage } from '../../../src/core/formats/xlsx/package.ts';
import { gzip, readAll, readInTurns, readValues, readWithWarnings, text, workbook } from './files.ts';

const named = (column: number, row = 1, name = `column_${column}`) =>
  `COLUMN_NAMED: Column ${column} has no name in the header (row ${row}): it is called "${name}"`;

describe('Columns without a name', () => {
  it.each([
    [
      'the index that pandas writes',
      ',name,v\n0,a,1\n1,b,2\n',
      { column_1: '0', name: 'a', v: '1' },
      [named(1)],
    ],
    ['one in the middle', 'a, ,c\n1,2,3\n', { a: '1', column_2: '2', c: '3' }, [named(2)]],
    ['one in the middle without values', 'a,,c\n1,,3\n', { a: '1', column_2: '', c: '3' }, [named(2)]],
    ['trailing ones', 'name,city,,\nann,Rome,,\n', { name: 'ann', city: 'Rome' }, []],
    ['trailing ones, as NULs and blanks', 'a,\u0000, \n1, ,\n', { a: '1' }, []],
    ['a trailing one with a value later', 'a,,\n1,,\n2,x,\n', { a: '1', column_2: '' }, [named(2)]],
    [
      'a name that is taken',
      'column_2,,c\n1,2,3\n',
      { column_2: '1', column_2_: '2', c: '3' },
      [named(2, 1, 'column_2_')],
    ],
  ])('%s', async (_, content, first, told) => {
    const { values, warnings } = await readWithWarnings(text(content));
    expect(values[0]).toEqual(first);
    expect(warnings).toEqual(told);
    expect(await readInTurns(text(content), { batchSize: 1, chunkSizes: [1] })).toEqual(
      await readAll(text(content)),
    );
  });

  it('in a sheet', async () => {
    const cells = (row: number, ...values: (string | undefined)[]) =>
      `<row r="${row}">${values.map((value, i) => (value === undefined ? '' : `<c r="${'ABCD'[i]}${row}" t="inlineStr"><is><t>${value}</t></is></c>`)).join('')}</row>`;
    const sheet = (...rows: string[]) => workbook({ sheets: { S: rows.join('') } });
    const index = await sheet(cells(1, undefined, 'name'), cells(2, '0', 'a'));
    expect(await readWithWarnings(index)).toEqual({
      values: [{ column_1: '0', name: 'a' }],
      warnings: [named(1)],
    });
    const trailing = await sheet(
      cells(3, 'a', '', ''),
      cells(4, '1', '', ''),
      cells(5, '', ''),
      cells(6, '2'),
    );
    expect(await readWithWarnings(trailing)).toEqual({ values: [{ a: '1' }, { a: '2' }], warnings: [] });
    const used = await sheet(cells(1, 'a'), cells(2, '1', undefined, 'x'), cells(3, '2', undefined, 'y'));
    expect(await readWithWarnings(used)).toEqual({
      values: [
        { a: '1', column_2: '', column_3: 'x' },
        { a: '2', column_2: '', column_3: 'y' },
      ],
      warnings: [named(2), named(3)],
    });
  });
});

describe('Rows without any value', () => {
  it.each([
    ['CSV', 'company,domain\nAcme,acme.com\n,\n" ",\u00a0\nBeta,b.com\n,\n', [2, 5], [3, 4]],
    ['CSV with some above the header', ',\n ,\ncompany,domain\nAcme,a.com\n', [4], [0]],
    ['JSON Lines', '{"a":1}\n{}\n{"a":null,"b":""}\n{"a":0}\n{"a":false}\n{"b":[]}\n', [1, 4, 5, 6], [2]],
    ['JSON', '[{"a":1},{},{"a":" "},{"a":2},{}]', [1, 4], [3]],
  ])('%s', async (_, content, rows, [blank = 0]) => {
    const read = await readAll(text(content));
    expect(read.map(({ row }) => row)).toEqual(rows);
    expect(await readInTurns(text(content), { batchSize: 1, chunkSizes: [3] })).toEqual(read);
    expect(blank).toBeGreaterThanOrEqual(0);
  });
});

describe('Oddities of CSV', () => {
  it.each([
    ['"sep=;"\r\na,b;c\r\n1;2\r\n'],
    ['SEP=;\ra,b;c\r1;2\r'],
    ['"sep=;",,,\na,b;c\n1;2\n'],
    ['"sep=";""\na,b;c\n1;2\n'],
    ['\ufeffsep=;\na,b;c\n1;2\n'],
  ])('takes %j as a hint', async (content) => {
    expect(await readAll(text(content))).toEqual([{ row: 2, value: { 'a,b': '1', c: '2' } }]);
  });

  it.each([
    ['1, "Smith, John", Rome', true],
    ['1, "Smith", Rome', true],
    ['1,\t"Smith",Rome', true],
    ['1,\u00a0"Smith",Rome', true],
    ['1, "two', true],
    ['1, 5" pipe,Rome', false],
    ['1," ""Smith""",Rome', false],
    ['1, "a" and "b" too,Rome', false],
  ])('tells of a blank before a quote in %j: %s', async (line, told) => {
    const [row] = await readAll(text(`id,name,city\n${line}\n`));
    expect(row?.problem?.code).toBe(told ? 'BLANK_BEFORE_QUOTE' : undefined);
    if (told)
      expect(row?.problem).toMatchObject({ column: 'name', message: expect.stringContaining('blank') });
  });

  it.each([
    [
      ',,\nid,name,\n1,a,\n',
      'EMPTY_ROW_BEFORE_HEADER: Row 1 has no value in any cell, so row 2 is read as the header',
    ],
    [
      '"id" ,name\n1,a\n',
      'TEXT_AFTER_QUOTE: Column 1 of the header (row 1) has text after its quote, so its name has the quotes',
    ],
    [
      'id, "name"\n1,a\n',
      'BLANK_BEFORE_QUOTE: Column 2 of the header (row 1) has a blank before its quote, so its name begins with them',
    ],
  ])('tells what is odd about the header of %j', async (content, told) => {
    expect((await readWithWarnings(text(content))).warnings).toEqual([told]);
  });

  it.each([
    'a,b\n1,2\n\u001a',
    'a,b\n1,2\u001a',
    'a,b\r\n1,2\r\n\u001a\r\n',
    `a,b\n1,2\n${'\u0000'.repeat(70_000)}`,
    'a,b\n1,2\n\u0000\n\u0000\u0000,\u0000\n',
    '{"a":"1","b":"2"}\n\u001a',
    '{"a":"1","b":"2"}\u0000\u0000',
    '[{"a":"1","b":"2"}]\n\u001a\n',
  ])('ends before what fills the file: %#', async (content) => {
    expect(await readValues(text(content))).toEqual([{ a: '1', b: '2' }]);
    expect(await readValues(text(content), { chunkSizes: [7] })).toEqual([{ a: '1', b: '2' }]);
    expect(await readValues(gzip(text(content)))).toEqual([{ a: '1', b: '2' }]);
  });

  it('skips rows above the header, and counts them', async () => {
    const content = 'Report; of "May"\n\n"two\nlines";x,y\nid,name\n1,a\n2,b\n';
    const expected = [
      { row: 5, value: { id: '1', name: 'a' } },
      { row: 6, value: { id: '2', name: 'b' } },
    ];
    expect(await readAll(text(content), { skipRows: 3 })).toEqual(expected);
    expect(await readInTurns(text(content), { skipRows: 3, batchSize: 1 })).toEqual(expected);
    await expect(readAll(text(content), { skipRows: 9 })).rejects.toMatchObject({ code: 'FILE_HAS_NO_ROWS' });
  });

  it('reads no more rows than it is asked for, and can go on there', async () => {
    const content = `n\n${Array.from({ length: 20 }, (_, n) => `${n}\n`).join('')}`;
    const some = await readAll(text(content), { limit: 7, batchSize: 5 });
    expect(some.map(({ value }) => value.n)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });
});

it('options that a file has no use for are told', async () => {
  const { warnings } = await readWithWarnings(text('{"a":1}\n'), {
    sheet: 'S',
    skipRows: 1,
    format: 'jsonl',
  });
  expect(warnings).toEqual([
    'OPTION_NOT_USED: Only a workbook has sheets: the sheet is not used',
    'OPTION_NOT_USED: JSON has no header, so no rows are skipped',
  ]);
});

describe('Names of columns', () => {
  const wanted = (names: string[], map: Record<string, string> = {}) => ({ wanted: { names, map } });
  const csv = text('Company Name,DO_MAIN,Contact,note\nAcme,acme.com,Ann,x\n');

  it('match in spite of case, blanks and underscores, and the user is told', async () => {
    expect(await readWithWarnings(csv, wanted(['company_name', 'domain', 'contact', 'email']))).toEqual({
      values: [{ company_name: 'Acme', domain: 'acme.com', contact: 'Ann', note: 'x' }],
      warnings: [
        'COLUMN_MATCHED: Column "Company Name" is used as "company_name"',
        'COLUMN_MATCHED: Column "DO_MAIN" is used as "domain"',
        'COLUMN_MATCHED: Column "Contact" is used as "contact"',
      ],
    });
  });

  it('are taken as they are if they fit, or if several are alike', async () => {
    const alike = text('domain,Domain,Com pany,COMPANY\n1,2,3,4\n');
    const { values, warnings } = await readWithWarnings(alike, wanted(['domain', 'company']));
    expect(values).toEqual([{ domain: '1', Domain: '2', 'Com pany': '3', COMPANY: '4' }]);
    expect(warnings).toEqual([]);
  });

  it('are mapped as the user says', async () => {
    const map = { company: 'company name', who: 'Contact' };
    const { values } = await readWithWarnings(csv, wanted(['company'], map));
    expect(values).toEqual([{ company: 'Acme', DO_MAIN: 'acme.com', who: 'Ann', note: 'x' }]);
    const again = text('company,who\nAcme,Ann\n');
    expect(await readValues(again, wanted([], map))).toEqual([{ company: 'Acme', who: 'Ann' }]);
  });

  it('are refused if the map names none, or one too many', async () => {
    await expect(readAll(csv, wanted([], { company: 'Compny Name' }))).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      message: 'There is no column "Compny Name" (did you mean "Company Name"?)',
    });
    await expect(readAll(csv, wanted([], { note: 'Contact' }))).rejects.toMatchObject({
      code: 'DUPLICATE_COLUMN',
    });
  });
});

describe('Zips', async () => {
  const content = (row: number) =>
    `<row r="${row}"><c r="A${row}" t="inlineStr"><is><t>v${row}</t></is></c></row>`;
  const file = await workbook({ sheets: { S: content(1) + content(2) } });
  const expected = [{ row: 2, value: { v1: 'v2' } }];

  it.each([
    ['a byte', Buffer.from([0])],
    ['a line', text('\r\n')],
    ['a few kilobytes', Buffer.alloc(5_000, 32)],
    ['what looks like the end of a zip', text('PK\u0005\u0006 and more')],
  ])('are read with %s behind them, from a disk and in memory', async (_, more) => {
    const longer = Buffer.concat([file, more]);
    expect(await readAll(longer)).toEqual(expected);
    const parts = await openPackage(longer, parseReadOptions({}).limits);
    expect(parts.has('xl/workbook.xml')).toBe(true);
    parts.close();
  });

  it.each([
    ['a byte', text('X')],
    ['a byte order mark', text('\ufeff')],
    ['more bytes than are read at once', Buffer.alloc(2 ** 20 + 1, 10)],
  ])('are read with %s before them, from a disk and in memory', async (_, before) => {
    const longer = Buffer.concat([before, file, text('\n')]);
    expect(await readAll(longer, { name: 'x.xlsx' })).toEqual(expected);
    const parts = await openPackage(longer, parseReadOptions({}).limits);
    expect(parts.has('xl/workbook.xml')).toBe(true);
    parts.close();
  });

  it('are read with a comment', async () => {
    const commented = Buffer.concat([file, text('by hand')]);
    commented.writeUInt16LE(7, file.length - 2);
    expect(await readAll(commented)).toEqual(expected);
    expect(await readAll(Buffer.concat([commented, text('x')]))).toEqual(expected);
  });

  it('are refused if a part is not what the zip says of it', async () => {
    const central = file.lastIndexOf('PK\u0001\u0002');
    for (const [at, size] of [
      [24, 10],
      [24, 100_000],
      [20, 3],
    ] as const) {
      const lying = Buffer.from(file);
      lying.writeUInt32LE(size, central + at);
      await expect(readAll(lying)).rejects.toMatchObject({ code: 'NOT_A_WORKBOOK' });
    }
  });

  it('that are damaged anywhere are refused in words, or read as they were', async () => {
    const values = JSON.stringify(expected);
    for (let at = 0; at < file.length; at += 7) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      const found = await readAll(damaged, { name: 'x.xlsx' }).then(
        JSON.stringify,
        (error: Error) => error.name,
      );
      expect([values, 'FileError']).toContain(found);
    }
  });
});
