import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import { withoutShape } from '../../../src/core/json/shape.ts';
import { gzip, inChunks, readAll, readInTurns, readValues, text, workbook, zip } from './files.ts';

/** Of this file alone, so that what is left behind is seen. */
const temporary = await mkdtemp(join(tmpdir(), 'spillway-test-'));
vi.stubEnv('TMPDIR', temporary);

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(temporary, { recursive: true });
});

const cell = (ref: string, value: string) => `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`;
const row = (number: number, ...cells: string[]) => `<row r="${number}">${cells.join('')}</row>`;
const header = row(1, cell('A1', 'a'), cell('B1', 'b'));

describe('XLSX', () => {
  it('reads every kind of cell as its text', async () => {
    const file = await workbook({
      sheets: {
        Leads:
          header +
          row(2, '<c r="A2" t="s"><v>1</v></c>', '<c r="B2"><v>1.5E3</v></c>') +
          row(3, '<c r="A3" t="b"><v>1</v></c>', '<c r="B3" t="str"><f>1&amp;2</f><v>12</v></c>') +
          row(4, '<c r="B4" t="d"><v>2026-01-31</v></c>') +
          row(5, '<c r="A5" s="1"/>', '<c r="B5" t="str"><f>""</f><v></v></c>') +
          '<row><c><v>0.1</v></c><c t="inlineStr"><is><r><t>rich </t></r><r><t>text</t></r><rPh><t>!</t></rPh></is></c></row>',
      },
      sharedStrings:
        '<si><t>no</t></si><si><r><t>sha</t></r><r><t>red_x000D_</t></r><rPh><t>x</t></rPh></si>',
    });
    const rows = await readAll(file);
    expect(rows.map((one) => ({ ...one, value: withoutShape(one.value) }))).toEqual([
      { row: 2, value: { a: 'shared\r', b: '1500' } },
      { row: 3, value: { a: 'TRUE', b: '12' } },
      { row: 4, value: { a: '', b: '2026-01-31' } },
      { row: 6, value: { a: '0.1', b: 'rich text' } },
    ]);
  });

  it('gives dates as ISO strings, in both calendars', async () => {
    const styles =
      '<numFmts><numFmt numFmtId="164" formatCode="dd.mm.yyyy\\ hh:mm"/><numFmt numFmtId="165" formatCode="[Red]0.00&quot;days&quot;"/></numFmts>' +
      '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>' +
      '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="46"/></cellXfs>';
    const sheets = {
      S:
        row(1, cell('A1', 'date'), cell('B1', 'time'), cell('C1', 'number'), cell('D1', 'long')) +
        row(
          2,
          '<c r="A2" s="1"><v>46053</v></c><c r="B2" s="2"><v>46053.354166666664</v></c>',
          '<c r="C2" s="3"><v>46053</v></c><c r="D2" s="4"><v>1.5</v></c>',
        ),
    };
    const [normal] = await readValues(await workbook({ sheets, styles }));
    expect(normal).toEqual({
      date: '2026-01-31',
      time: '2026-01-31T08:30:00',
      number: '46053',
      long: '36:00:00',
    });
    const mac = await workbook({ sheets, styles, workbookPr: '<workbookPr date1904="1"/>' });
    expect((await readValues(mac))[0]).toMatchObject({ date: '2030-02-01' });
  });

  it('reports rows that cannot be used, among those that can', async () => {
    const file = await workbook({
      sheets: {
        S:
          header +
          row(2, '<c r="A2" t="e"><v>#REF!</v></c>') +
          row(3, cell('A3', 'ok'), '<c r="B3"><f>A1+A2</f></c>') +
          row(4, cell('A4', 'here'), cell('D4', 'far')) +
          row(5, cell('A5', 'ok')),
      },
    });
    expect(await readAll(file)).toMatchObject([
      {
        row: 2,
        value: { a: '#REF!', b: '' },
        problem: { code: 'CELL_ERROR', message: 'The cell shows #REF!', column: 'a' },
      },
      { row: 3, value: { a: 'ok', b: '' }, problem: { code: 'FORMULA_NOT_CALCULATED', column: 'b' } },
      {
        row: 4,
        value: { a: 'here', b: '' },
        problem: { code: 'TOO_MANY_CELLS', column: 4, message: expect.stringContaining('"", "far"') },
      },
      { row: 5, value: { a: 'ok', b: '' } },
    ]);
  });

  it('reads the sheet asked for, else the first one that shows, and what continues it', async () => {
    const one = (value: string) => header + row(2, cell('A2', value));
    const sheets = { Data: one('1'), 'Data 2': one('2'), 'Data 3': row(1, cell('A1', 'z')), Other: one('4') };
    const file = await workbook({ sheets });
    expect(await readAll(file)).toMatchObject([
      { row: 2, value: { a: '1' } },
      { row: 4, value: { a: '2' } },
    ]);
    expect(await readValues(file, { sheet: 'Other' })).toEqual([{ a: '4', b: '' }]);
    expect(await readInTurns(file, { batchSize: 1 })).toEqual(await readAll(file));
    await expect(readAll(file, { sheet: 'Nope' })).rejects.toMatchObject({
      code: 'SHEET_NOT_FOUND',
      details: { sheets: Object.keys(sheets) },
    });
  });

  it('is known by its content, in gzip too', async () => {
    const file = await workbook({ sheets: { S: header + row(2, cell('A2', '1')) } });
    expect(await readValues(gzip(file), { name: 'upload' })).toEqual([{ a: '1', b: '' }]);
  });

  it.each([
    ['no sheets', () => workbook({ sheets: {} }), 'NO_SHEETS'],
    ['an empty sheet', () => workbook({ sheets: { S: '' } }), 'FILE_EMPTY'],
    ['a header only', () => workbook({ sheets: { S: header } }), 'FILE_HAS_NO_ROWS'],
    [
      'a column twice',
      () => workbook({ sheets: { S: row(1, cell('A1', 'a'), cell('B1', 'a')) } }),
      'DUPLICATE_COLUMN',
    ],
    [
      'macros',
      () => workbook({ sheets: { S: header }, others: { 'xl/vbaProject.bin': 'x' } }),
      'MACROS_NOT_ACCEPTED',
    ],
    ['a zip of something else', () => zip({ 'a.csv': 'a,b\n1,2\n' }), 'NOT_A_WORKBOOK'],
    ['broken XML', () => workbook({ sheets: { S: `${header}<row` } }), 'NOT_A_WORKBOOK'],
    [
      'half a file',
      async () => (await workbook({ sheets: { S: header } })).subarray(0, 500),
      'NOT_A_WORKBOOK',
    ],
    ['text under its name', async () => text('a,b\n1,2\n'), 'NOT_A_WORKBOOK'],
    [
      'a shared string that is not there',
      () => workbook({ sheets: { S: row(1, '<c t="s"><v>7</v></c>') } }),
      'NOT_A_WORKBOOK',
    ],
    [
      'an entity that would have to be expanded',
      () => workbook({ sheets: { S: row(1, cell('A1', '&lol;')) } }),
      'NOT_A_WORKBOOK',
    ],
    ['encryption', async () => compoundFile('EncryptedPackage'), 'WORKBOOK_ENCRYPTED'],
    ['the old format', async () => compoundFile('Workbook'), 'NOT_A_WORKBOOK'],
  ])('refuses %s, and leaves nothing behind', async (_, make, code) => {
    const file = await make();
    await expect(readAll(file, { name: 'file.xlsx' })).rejects.toMatchObject({ name: 'FileError', code });
    expect(await spooled()).toEqual([]);
  });

  it('keeps nothing in the temporary directory when reading ends early', async () => {
    const file = await workbook({
      sheets: { S: header + row(2, cell('A2', '1')) + row(3, cell('A3', '1')) },
    });
    for await (const _ of openRows(inChunks(file), { batchSize: 1 })) {
      expect(await spooled()).toHaveLength(1);
      break;
    }
    expect(await spooled()).toEqual([]);
  });

  it('holds cells and shared strings to their limits', async () => {
    const long = 'x'.repeat(200);
    const cells = await workbook({ sheets: { S: header + row(2, cell('A2', 'y'), cell('B2', long)) } });
    await expect(readAll(cells, { limits: { maxCellChars: 100 } })).rejects.toMatchObject({
      code: 'CELL_TOO_LARGE',
    });
    const strings = await workbook({ sheets: { S: header }, sharedStrings: `<si><t>${long}</t></si>` });
    await expect(readAll(strings, { limits: { maxSharedStringChars: 100 } })).rejects.toMatchObject({
      code: 'SHARED_STRINGS_TOO_LARGE',
    });
  });
});

async function spooled(): Promise<string[]> {
  return await readdir(temporary);
}

/** The container of old and of encrypted workbooks, with a stream of this name in a directory at its end. */
function compoundFile(stream: string): Buffer {
  const magic = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  return Buffer.concat([magic, Buffer.alloc(70_000), Buffer.from(stream, 'utf16le'), Buffer.alloc(100)]);
}
