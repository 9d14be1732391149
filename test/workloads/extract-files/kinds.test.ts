import { describe, expect, it } from 'vitest';
import { docx } from '../../../src/local/demo/extract-files/documents/docx.ts';
import { pptx } from '../../../src/local/demo/extract-files/documents/pptx.ts';
import { xlsx } from '../../../src/local/demo/extract-files/documents/xlsx.ts';
import { zipOf } from '../../../src/local/demo/extract-files/documents/zip.ts';
import { kindOf } from '../../../src/workloads/extract-files/kind.ts';
import { readBytes } from './files.ts';

/** Dozens of namespaces come before the attribute that tells the kind. */
const namespaces = Array.from({ length: 100 }, (_, at) => `xmlns:n${at}="urn:x:${at}"`).join(' ');
const flat = (kind: string, body: string) =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><office:document ${namespaces} ` +
      `office:mimetype="application/vnd.oasis.opendocument.${kind}"><office:meta><dc:title>Plan</dc:title></office:meta>` +
      '<office:master-styles><style:master-page><style:header><text:p>Top</text:p></style:header></style:master-page></office:master-styles>' +
      `<office:body><office:${kind}>${body}</office:${kind}></office:body></office:document>`,
  );

describe('an Office file is read as what it is', () => {
  it.each([
    ['docx', docx('', ['Words'])],
    ['pptx', pptx('Deck', [{ title: 'Words', lines: [] }])],
    ['xlsx', xlsx('Figures', [{ row: 1, cells: ['Words'] }])],
  ])('%s under the name of another kind, and without an ending', async (kind, making) => {
    const bytes = await making;
    for (const name of ['a.docx', 'a.pptx', 'a.xlsx', 'a.csv', 'a.txt', 'a.doc', 'download']) {
      expect(kindOf(bytes, name), name).toBe(kind);
    }
    expect((await readBytes('a.odt', bytes)).text).toContain('Words');
  });

  it('a zip with a folder of that name is none', async () => {
    const archive = await zipOf({ 'word/list.xml': '<list/>' });
    expect(() => kindOf(archive, 'a.zip')).toThrow(/a zip archive/);
  });
});

describe('an OpenDocument that is one XML file', () => {
  it('is read as the one that is a zip', async () => {
    const body =
      '<text:p>Two <draw:frame><svg:title>A picture</svg:title><draw:image><office:binary-data>AAAA</office:binary-data></draw:image></draw:frame>words</text:p>';
    const { text, info } = await readBytes('a.fodt', flat('text', body));
    expect(text).toBe('Two words');
    expect(info).toMatchObject({
      kind: 'odt',
      title: 'Plan',
      warnings: [{ code: 'CONTENT_LEFT_OUT', message: 'Left out: headers and footers' }],
    });
  });

  it.each([
    ['spreadsheet', 'ods'],
    ['presentation', 'odp'],
  ])('says that it is a %s', (kind, found) => {
    expect(kindOf(flat(kind, ''), 'download.xml')).toBe(found);
  });
});

describe('a file whose words are not in its body', () => {
  it('says where they are', async () => {
    const parts = {
      'word/_rels/document.xml.rels':
        '<Relationships><Relationship Id="r1" Type="x/header" Target="header1.xml"/></Relationships>',
      'word/header1.xml': '<w:hdr xmlns:w="w"><w:p><w:r><w:t>Invoice 4711</w:t></w:r></w:p></w:hdr>',
    };
    await expect(readBytes('a.docx', await docx('', [], parts))).rejects.toThrow(
      'The file has no text. Left out: headers and footers',
    );
  });

  it('names hidden words, and leaves out the readings over a word', async () => {
    const run = (words: string, format = '') => `<w:r><w:rPr>${format}</w:rPr><w:t>${words}</w:t></w:r>`;
    const document =
      `<w:document xmlns:w="w"><w:body><w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>${run('secret', '<w:vanish/>')}` +
      `${run('seen', '<w:vanish w:val="0"/>')}<w:ruby><w:rt>${run('かん')}</w:rt><w:rubyBase>${run('漢')}</w:rubyBase></w:ruby></w:p></w:body></w:document>`;
    const { text, info } = await readBytes('a.docx', await docx('', [], { 'word/document.xml': document }));
    expect(text).toBe('seen漢');
    expect(info.warnings).toMatchObject([{ message: 'Left out: hidden text' }]);
  });
});

describe('a page', () => {
  it('keeps words apart, and leaves out what is not shown', async () => {
    const html =
      '<p>Size<select><option>small<option>large</select><button>Go</button><button>Stop</button></p>' +
      '<p hidden>a<br>b<b>c</b></p><div style="color:red; display: none"><p>d</div><p>after <ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字</ruby></p>';
    expect((await readBytes('a.html', Buffer.from(html))).text).toBe(
      'Size\nsmall\nlarge\n\nGo Stop\n\nafter 漢字',
    );
  });
});
