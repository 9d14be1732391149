import { describe, expect, it } from 'vitest';
import { zipOf } from '../../../src/local/demo/extract-files/documents/zip.ts';
import { readBytes, readSample } from './files.ts';

const textOf = async (name: string) => (await readSample(name)).text;
const page = async (html: string) => (await readBytes('a.html', Buffer.from(html))).text;

describe('an empty cell keeps its place', () => {
  it('in Word', async () => {
    expect(await textOf('gaps.docx')).toBe('Region\t2023\t2024\nNorth\t10\t11\n\t20');
  });

  it('in Excel', async () => {
    expect(await textOf('gaps.xlsx')).toBe('Sheet\nRegion\t2023\t2024\nNorth\t10\t11\n\t20\t21\n\t\t31');
  });

  it('in Word, behind cells that span others', async () => {
    const cell = (text: string, format = '') =>
      `<w:tc><w:tcPr>${format}</w:tcPr><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:tc>`;
    const rows = [
      `<w:tr>${cell('Sales', '<w:gridSpan w:val="2"/>')}${cell('Total')}</w:tr>`,
      `<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>${cell('20')}${cell('21')}</w:tr>`,
    ];
    const document = `<w:document xmlns:w="w"><w:body><w:tbl>${rows.join('')}</w:tbl></w:body></w:document>`;
    const { docx } = await import('../../../src/local/demo/extract-files/documents/docx.ts');
    const bytes = await docx('', [], { 'word/document.xml': document });
    expect((await readBytes('a.docx', bytes)).text).toBe('Sales\t\tTotal\n\t20\t21');
  });

  it('on a page, also at the beginning of the text', async () => {
    expect(await page('<table><tr><th><th>2023<th>2024<tr><td>North<td><td>11</table>')).toBe(
      '\t2023\t2024\nNorth\t\t11',
    );
  });

  it('on a page, beside and below cells that span others', async () => {
    const html =
      '<table><tr><td rowspan=2>Region<td colspan=2>Sales<tr><td>2023<td>2024<tr><td>North<td><p>10<td>11</table>';
    expect(await page(html)).toBe('Region\tSales\n\t2023\t2024\nNorth\t10\t11');
  });

  it('in Markdown', async () => {
    const table = '| | a | b |\n|---|---|---|\n| x | | 2 |\n';
    expect((await readBytes('a.md', Buffer.from(table))).text).toBe('\ta\tb\nx\t\t2');
  });

  it('in a CSV file', async () => {
    expect((await readBytes('a.csv', Buffer.from('name,a,b\n,1,2\nx,,3\n'))).text).toBe(
      'name\ta\tb\n\t1\t2\nx\t\t3',
    );
  });

  it('in a CSV file with columns that are called like numbers', async () => {
    expect((await readBytes('a.csv', Buffer.from('name,2019,10\na,,2\n'))).text).toBe(
      'name\t2019\t10\na\t\t2',
    );
  });
});

describe('a table that arranges a page', () => {
  it('is read line by line', async () => {
    const html = '<table><tr><td><h1>News</h1><p>First.</p><table><tr><td>a<td>1</table><td>Menu</table>';
    const { text, info } = await readBytes('a.html', Buffer.from(html));
    expect(text).toBe('News\n\nFirst.\na\t1\n\nMenu');
    expect(info.sections).toEqual([{ title: 'News', level: 1 }]);
  });
});

describe('a presentation', () => {
  it.each(['table-before-number.pptx', 'table-after-number.pptx'])('%s: its table', async (name) => {
    expect(await textOf(name)).toContain('Region\tRevenue\nNorth\t4711');
  });

  it('has what stands behind each kind of placeholder', async () => {
    const shape = (name: string, inner: string, type = '') =>
      `<p:${name}><p:nvPr>${type && `<p:ph type="${type}"/>`}</p:nvPr>${inner}</p:${name}>`;
    const p = (text: string) => `<a:p><a:r><a:t>${text}</a:t></a:r></a:p>`;
    const table = `<a:tbl><a:tr><a:tc>${p('')}</a:tc><a:tc>${p('Q1')}</a:tc></a:tr></a:tbl>`;
    const slide = ['dt', 'ftr', 'sldNum']
      .map((type) => shape('sp', p(`furniture ${type}`), type) + shape('graphicFrame', table))
      .concat(shape('sp', p('number'), 'sldNum'), shape('grpSp', shape('cxnSp', p('arrow'))))
      .join('');
    const { pptx } = await import('../../../src/local/demo/extract-files/documents/pptx.ts');
    const parts = await unzipped(await pptx('', [{ title: 'x', lines: [] }]));
    parts['ppt/slides/slide1.xml'] = Buffer.from(`<p:sld xmlns:p="p" xmlns:a="a">${slide}</p:sld>`);
    const { text } = await readBytes('a.pptx', await zipOf(parts));
    expect(text).toBe('\tQ1\n\tQ1\n\tQ1\narrow');
  });

  it('has the words of its diagrams', async () => {
    const { text, info } = await readSample('smartart-simple.pptx');
    expect(text).toMatch(/abc\ndef\nghi$/);
    expect(info.warnings).toEqual([]);
  });
});

async function unzipped(bytes: Buffer): Promise<Record<string, Buffer>> {
  const { fromBufferPromise } = await import('yauzl');
  const { buffer } = await import('node:stream/consumers');
  const parts: Record<string, Buffer> = {};
  const zip = await fromBufferPromise(bytes, { lazyEntries: true, autoClose: false });
  for await (const entry of zip.eachEntry()) {
    parts[entry.fileName] = await buffer(await zip.openReadStreamPromise(entry));
  }
  return parts;
}
