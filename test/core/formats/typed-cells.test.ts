import { describe, expect, it } from 'vitest';
import { withShape } from '../../../src/core/json/shape.ts';
import { membersOf, readAll, workbook, write } from './files.ts';

const row = (number: number, ...cells: string[]) => `<row r="${number}">${cells.join('')}</row>`;
const text = (ref: string, value: string) => `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`;

/** General, date, date with time, duration, percent, percent with decimals, money, percent of its own, a number with a sign, time. */
const styles =
  '<numFmts><numFmt numFmtId="170" formatCode="#,##0.00\\ &quot;€&quot;"/><numFmt numFmtId="171" formatCode="0.0%"/><numFmt numFmtId="172" formatCode="0&quot;%&quot;"/></numFmts>' +
  `<cellXfs>${[0, 14, 22, 46, 9, 10, 170, 171, 172, 20].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>`;

async function sheetOf(file: Buffer): Promise<string> {
  const { openPackage } = await import('../../../src/core/formats/xlsx/package.ts');
  const { parseReadOptions } = await import('../../../src/core/formats/options.ts');
  const parts = await openPackage(file, parseReadOptions({}).limits);
  const chunks: Buffer[] = [];
  for await (const chunk of await parts.open('xl/worksheets/sheet1.xml')) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The rows of a workbook with one cell `A2` and its like, written again: the cells without their places. */
async function again(cells: readonly string[]): Promise<string[]> {
  const header = row(1, text('A1', 'x'));
  const sheet =
    header + cells.map((cell, at) => row(at + 2, cell.replace('<c', `<c r="A${at + 2}"`))).join('');
  const rows = await readAll(await workbook({ sheets: { S: sheet }, styles }));
  const written = await sheetOf(
    await write(
      rows.map(({ value }) => value),
      { format: 'xlsx' },
    ),
  );
  return [...written.matchAll(/<c r="A\d+"([^>]*)>(.*?)<\/c>/g)]
    .slice(1)
    .map(([, kind, inner]) => `${kind}>${inner}`);
}

describe('a cell of a workbook', () => {
  it.each([
    ['a number', '<c><v>42</v></c>', '><v>42</v>'],
    ['a fraction', '<c><v>0.1</v></c>', '><v>0.1</v>'],
    ['a sum of money', '<c s="6"><v>1234.5</v></c>', '><v>1234.5</v>'],
    ['true', '<c t="b"><v>1</v></c>', ' t="b"><v>1</v>'],
    ['a date', '<c s="1"><v>46053</v></c>', ' s="1"><v>46053</v>'],
    ['a date before March 1900', '<c s="1"><v>32</v></c>', ' s="1"><v>32</v>'],
    ['a date with a time', '<c s="2"><v>46053.5</v></c>', ' s="2"><v>46053.5</v>'],
    ['a time', '<c s="9"><v>0.3125</v></c>', ' s="3"><v>0.3125</v>'],
    ['a duration', '<c s="3"><v>1.5</v></c>', ' s="4"><v>1.5</v>'],
    ['a short duration', '<c s="3"><v>0.5</v></c>', ' s="4"><v>0.5</v>'],
    ['a percentage', '<c s="4"><v>0.25</v></c>', ' s="5"><v>0.25</v>'],
    ['a percentage with decimals', '<c s="7"><v>0.255</v></c>', ' s="6"><v>0.255</v>'],
    ['a number of many digits', '<c><v>1610521604143693812</v></c>', '><v>1610521604143693812</v>'],
    ['a number with a sign behind it', '<c s="8"><v>25</v></c>', '><v>25</v>'],
    ['the value of a formula', '<c><f>1+1</f><v>2</v></c>', '><v>2</v>'],
  ])('leaves as what it came: %s', async (_, cell, written) => {
    expect(await again([cell])).toEqual([written]);
  });

  it('with a number beyond all numbers keeps its text', async () => {
    expect(await again(['<c><v>1E400</v></c>'])).toEqual([
      ' t="inlineStr"><is><t xml:space="preserve">1E400</t></is>',
    ]);
  });

  it('with text stays a text, also beside numbers in its column', async () => {
    const texts = ['007', '42', '1e5', '2026-01-31', 'TRUE', '50%'];
    const cells = texts.map((one) => `<c t="inlineStr"><is><t>${one}</t></is></c>`);
    const written = await again(['<c><v>7</v></c>', ...cells]);
    expect(written[0]).toBe('><v>7</v>');
    expect(written.slice(1)).toEqual(
      texts.map((one) => ` t="inlineStr"><is><t xml:space="preserve">${one}</t></is>`),
    );
  });

  it('that a workload changed is what the workload made of it', async () => {
    const shape = { columns: ['x', 'y', 'z'], types: 'nnd' };
    const changed = withShape({ x: '12 EUR', y: '013', z: 'soon', more: 5 }, shape);
    const sheet = await sheetOf(await write([changed], { format: 'xlsx' }));
    expect([...sheet.matchAll(/preserve">([^<]+)</g)].map(([, one]) => one).slice(4)).toEqual([
      '12 EUR',
      '013',
      'soon',
    ]);
    expect(sheet).toContain('<v>5</v>');
  });
});

it.each([
  ['without a value', '<c r="A2"><f>1+1</f></c>'],
  ['with an empty value', '<c r="A2"><f>1+1</f><v></v></c>'],
  ['with an empty value, written short', '<c r="A2"><f>1+1</f><v/></c>'],
  ['of a boolean with an empty value', '<c r="A2" t="b"><f>1=1</f><v></v></c>'],
])('a formula %s fails its row', async (_, cell) => {
  const sheets = { S: row(1, text('A1', 'x'), text('B1', 'y')) + row(2, cell, text('B2', 'kept')) };
  const [found] = await readAll(await workbook({ sheets }));
  expect(found?.problem).toMatchObject({ code: 'FORMULA_NOT_CALCULATED', column: 'x' });
  expect(membersOf(found?.value ?? {})).toEqual([
    ['x', ''],
    ['y', 'kept'],
  ]);
});
