import { describe, expect, it } from 'vitest';
import { docx } from '../../../src/local/demo/extract-files/documents/docx.ts';
import { zipOf } from '../../../src/local/demo/extract-files/documents/zip.ts';
import { kindOf } from '../../../src/workloads/extract-files/kind.ts';
import { readBytes, readSample } from './files.ts';

const text = (name: string, content: string) => readBytes(name, Buffer.from(content, 'latin1'));
const refusal = (name: string, bytes: Buffer) =>
  readBytes(name, bytes).then(
    () => 'read',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('an e-mail', () => {
  it('has its subject, sender and words decoded, and names what is attached', async () => {
    const { text, info } = await readSample('mail.eml');
    expect(text).toBe(
      'Rechnung für Mai\nFrom: a@example.com\nTo: b@example.com\n\n' +
        'Guten Tag, die Rechnung liegt bei. Mit freundlichen Grüßen\n\nAttachments: unnamed (application/pdf)',
    );
    expect(info).toMatchObject({ kind: 'mail', title: 'Rechnung für Mai' });
    expect(info.warnings).toMatchObject([
      { code: 'CONTENT_LEFT_OUT', message: expect.stringContaining('the attachment unnamed') },
    ]);
  });

  it('in an old encoding, quoted, as a page, and known by its first lines', async () => {
    const mail = [
      'Message-ID: <1@x.test>',
      'From: =?iso-8859-1?Q?J=F6rg?= <j@x.test>',
      'To: A <a@x.test>,\r\n B <b@x.test>',
      'Subject: Plan',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html; charset=koi8-r',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<title>x</title><p>=F0=D2=C9=D7=C5=D4</p><table><tr><td><td>2</table>',
      '--b',
      'Content-Type: application/pdf; name="plan.pdf"',
      'Content-Disposition: attachment; filename="plan.pdf"',
      '',
      '%PDF-1.4',
      '--b--',
    ];
    const { text: found, info } = await text('message', mail.join('\r\n'));
    expect(found).toBe(
      'Plan\nFrom: Jörg <j@x.test>\nTo: A <a@x.test>, B <b@x.test>\n\nПривет\n\t2\n\nAttachments: plan.pdf',
    );
    expect(info.title).toBe('Plan');
  });

  it('is not what a note with a colon is', () => {
    expect(kindOf(Buffer.from('Subject: idea\nFrom: me\n\nWrite it down.'), 'note.txt')).toBe('text');
  });

  it.each(['a.mbox', 'inbox'])('among many in a mailbox is refused in words: %s', async (name) => {
    const one = 'From ana@x.test Mon May  4 10:00:00 2026\nSubject: x\n\nhi\n';
    expect(() => kindOf(Buffer.from(`${one}\n${one}`), name)).toThrow(/mailbox.*\.eml/);
    // A single one has a line more.
    expect((await text(name, one)).text).toBe('x\n\nhi');
  });

  it('has its letters though it does not say what they are', async () => {
    const mail = (more: string, words: string) =>
      `From: a@x.test\r\nSubject: Gr\xfc\xdfe f\xfcr M\xfcller\r\n${more}\r\n${words}`;
    const named = await text('a.eml', mail('Content-Type: text/plain; charset=iso-8859-15\r\n', '5 \xa4'));
    expect(named.text).toBe('Grüße für Müller\nFrom: a@x.test\n\n5 €');
    const unnamed = await text('a.eml', mail('', 'Die B\xfccher \xfcber gro\xdfe F\xfc\xdfe'));
    expect(unnamed.text).toBe('Grüße für Müller\nFrom: a@x.test\n\nDie Bücher über große Füße');
    expect(unnamed.info.warnings).toMatchObject([{ code: 'ENCODING_GUESSED' }]);
    const marked = await text('a.eml', '\xef\xbb\xbfFrom: a@x.test\nSubject: x\n\nhi');
    expect(marked.text).toBe('x\nFrom: a@x.test\n\nhi');
  });

  it('names an encoding that nobody knows', async () => {
    const mail = 'Subject: x\nContent-Type: text/plain; charset="x-klingon"\n\nhi';
    expect((await text('a.eml', mail)).info.warnings).toMatchObject([
      { code: 'ENCODING_GUESSED', message: 'The encoding x-klingon is not known' },
    ]);
  });

  it('in name only is refused in words', async () => {
    expect(await refusal('a.eml', Buffer.from('<html><body>Hi</body></html>'))).toMatch(/^FILE_DAMAGED/);
  });

  it('of Outlook is refused in words', async () => {
    const outlook = Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(512),
      Buffer.from('__properties_version1.0', 'utf16le'),
    ]);
    expect(await refusal('a.msg', outlook)).toMatch(/^FILE_UNSUPPORTED: .*Outlook.*\.eml/);
  });
});

describe('an OpenDocument', () => {
  const odf = (kind: string, content: string, more: Record<string, string> = {}) =>
    zipOf({
      mimetype: `application/vnd.oasis.opendocument.${kind}`,
      'content.xml': `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:draw="d"><office:body>${content}</office:body></office:document-content>`,
      'meta.xml':
        '<office:document-meta xmlns:office="o" xmlns:dc="c"><office:meta><dc:title>Harbour</dc:title></office:meta></office:document-meta>',
      ...more,
    });
  const p = (words: string) => `<text:p>${words}</text:p>`;

  it('text has headings, notes, blanks and tables', async () => {
    const cell = (words: string, more = '') =>
      `<table:table-cell ${more}>${words && p(words)}</table:table-cell>`;
    const content =
      `<office:text><text:tracked-changes>${p('gone')}</text:tracked-changes>` +
      `<text:h text:outline-level="2">Budget</text:h>` +
      p(
        `Two<text:s text:c="2"/>words<text:note><text:note-citation>1</text:note-citation><text:note-body>${p('A note')}</text:note-body></text:note><office:annotation>${p('Why?')}</office:annotation>`,
      ) +
      `<table:table><table:table-row>${cell('a', 'table:number-columns-spanned="2"')}<table:covered-table-cell/>${cell('b')}</table:table-row>` +
      `<table:table-row>${cell('')}${cell('1')}${cell('2')}</table:table-row></table:table></office:text>`;
    const { text: found, info } = await readBytes('a.odt', await odf('text', content));
    expect(found).toBe('Budget\n\nA note\n\nTwo words\n\na\t\tb\n\t1\t2');
    expect(info).toMatchObject({
      kind: 'odt',
      title: 'Harbour',
      sections: [{ title: 'Budget', level: 2 }],
      warnings: [{ code: 'CONTENT_LEFT_OUT', message: 'Left out: comments' }],
    });
  });

  it('sheet has a line for each row, and repeats what the file repeats', async () => {
    const content =
      '<office:automatic-styles><style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>' +
      `<office:spreadsheet><table:table table:name="Figures"><table:table-row><table:table-cell/>` +
      `<table:table-cell table:number-columns-repeated="2">${p('x')}</table:table-cell><table:table-cell table:number-columns-repeated="3"/>` +
      `<table:table-cell office:value-type="float" office:value="7"/></table:table-row>` +
      '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>' +
      `<table:table table:name="Secret" table:style-name="h"><table:table-row><table:table-cell>${p('hidden')}</table:table-cell></table:table-row></table:table></office:spreadsheet>`;
    const { text: found, info } = await readBytes('a.ods', await odf('spreadsheet', content));
    expect(found).toBe('Figures\n\tx\tx\t\t\t\t7');
    expect(info).toMatchObject({ pages: 1, warnings: [{ code: 'SHEETS_HIDDEN' }] });
  });

  it('presentation has slides with their notes', async () => {
    const frame = (kind: string, words: string) =>
      `<draw:frame presentation:class="${kind}"><draw:text-box>${p(words)}</draw:text-box></draw:frame>`;
    const content = `<office:presentation><draw:page>${frame('title', 'Why')}${frame('outline', 'Because')}${frame('footer', 'Page')}<presentation:notes>${frame('notes', 'Smile')}</presentation:notes></draw:page><draw:page>${frame('outline', 'End')}</draw:page></office:presentation>`;
    const { text: found, info } = await readBytes('a.odp', await odf('presentation', content));
    expect(found).toBe('Why\nBecause\nSmile\nEnd');
    expect(info.sections.map(({ title }) => title)).toEqual(['Why', 'Slide 2']);
  });

  it('with a password is refused', async () => {
    const manifest = { 'META-INF/manifest.xml': '<m:manifest xmlns:m="m"><m:encryption-data/></m:manifest>' };
    expect(await refusal('a.odt', await odf('text', '', manifest))).toMatch(/^FILE_ENCRYPTED/);
  });
});

describe('a Rich Text document', () => {
  const head =
    '{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial;}{\\f2\\fcharset128 MS;}}';

  it('has its text, and neither pictures nor fields nor hidden words', async () => {
    const { text: found, info } = await text(
      'a.rtf',
      `${head}{\\info{\\title Plan}{\\author Ana}}{\\stylesheet{\\s1 heading 1;}}{\\header Top}\\pard\\outlinelevel0 Budget\\par` +
        `\\pard Gr\\'fc\\'dfe \\u28207?\\u21475?{\\v secret}{\\*\\unknown x}{\\field{\\*\\fldinst PAGE}{\\fldrslt seven}}\\par` +
        `{\\pict\\pngblip 0102\r\n0304}{\\f1 \\'cf\\'f0\\'e8}{\\f2 \\'83A}\\bin3 {}}\\emdash\\par}`,
    );
    expect(found).toBe('Budget\nGrüße 港口seven\nПриア—');
    expect(info).toMatchObject({
      kind: 'rtf',
      title: 'Plan',
      sections: [{ title: 'Budget', level: 1 }],
      warnings: [{ code: 'CONTENT_LEFT_OUT', message: 'Left out: headers and footers, hidden text' }],
    });
  });

  it.each([
    ['\\ansi\\ansicpg437', "Gr\\'81\\'e1e \\'ab", 'Grüße ½'],
    ['\\pc', "Gr\\'81\\'e1e", 'Grüße'],
    ['\\pca', "\\'9b", 'ø'],
    ['\\ansi\\ansicpg852', "\\'a6lu\\'9c", 'Žluť'],
    ['\\ansi\\ansicpg1251', "\\'cf\\'f0\\'e8", 'При'],
    ['\\ansi\\ansicpg10007', "\\'8f\\'f0\\'e8", 'При'],
    // The second byte of these is a backslash, as such and in hex.
    ['\\ansi\\ansicpg932', "\\'93\\'fa\\'83\\\\\\'94\\'5c", '日ソ能'],
    ['\\ansi', 'a\\~b\\_c\\{d\\}', 'a b-c{d}'],
  ])('%s has its letters, in their order', async (page, words, found) => {
    expect((await text('a.rtf', `{\\rtf1${page}{\\fonttbl{\\f0 Arial;}}${words}\\par}`)).text).toBe(found);
  });

  it('has tables whose empty cells keep their places', async () => {
    const row = (...cells: string[]) =>
      `\\trowd\\cellx1\\cellx2\\pard\\intbl ${cells.join('\\cell ')}\\cell\\row`;
    const { text: found } = await text(
      'a.rtf',
      `${head}${row('Region', '2023')}${row('', '20\\par more')}\\pard End}`,
    );
    expect(found).toBe('Region\t2023\n\t20 more\nEnd');
  });

  it('known by its first bytes', () => {
    expect(kindOf(Buffer.from('{\\rtf1 hi}'), 'letter.doc')).toBe('rtf');
  });
});

describe('a book', () => {
  const book = (more: Record<string, string> = {}) =>
    zipOf({
      mimetype: 'application/epub+zip',
      'META-INF/container.xml':
        '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
      'OPS/book.opf':
        '<package><metadata xmlns:dc="d"><dc:title>The harbour</dc:title></metadata><manifest><item id="b" href="two%20b.xhtml"/><item id="a" href="one.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
      'OPS/one.xhtml':
        '<?xml version="1.0"?><html><head><title/></head><body><h1>Dawn</h1><p>Ships.</p></body></html>',
      'OPS/two b.xhtml':
        '<?xml version="1.0"?><html><head><title>2</title></head><body><h1>Noon</h1></body></html>',
      ...more,
    });

  it('is read chapter by chapter, in the order in which it is read', async () => {
    const { text: found, info } = await readBytes('book.epub', await book());
    expect(found).toBe('Dawn\n\nShips.\n\nNoon');
    expect(info).toMatchObject({
      kind: 'epub',
      title: 'The harbour',
      sections: [
        { title: 'Dawn', level: 1 },
        { title: 'Noon', level: 1 },
      ],
    });
  });

  it('that is protected against copying is refused; scrambled fonts are no protection', async () => {
    const by = (algorithm: string) =>
      book({ 'META-INF/encryption.xml': `<e><EncryptionMethod Algorithm="${algorithm}"/></e>` });
    expect(await refusal('a.epub', await by('http://www.w3.org/2001/04/xmlenc#aes128-cbc'))).toMatch(
      /^FILE_ENCRYPTED/,
    );
    expect(await refusal('a.epub', await by('http://www.idpf.org/2008/embedding'))).toBe('read');
  });
});

describe('a zip that says what it is', () => {
  it.each([
    ['application/epub+zip', 'epub'],
    ['application/vnd.oasis.opendocument.text', 'odt'],
    ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
    ['application/vnd.oasis.opendocument.presentation', 'odp'],
  ])('%s is read as that, whatever its name', (mediaType, kind) => {
    const head = Buffer.from(`PK\x03\x04${'\0'.repeat(26)}mimetype${mediaType}PK`, 'latin1');
    expect(kindOf(head, 'download')).toBe(kind);
  });
});

describe('what is left out', () => {
  it('of a Word document is said, unless there is nothing in it', async () => {
    const comments = (words: string) => ({
      'word/_rels/document.xml.rels':
        '<Relationships><Relationship Id="r1" Type="x/comments" Target="comments.xml"/><Relationship Id="r2" Type="x/chart" Target="charts/chart1.xml"/></Relationships>',
      'word/comments.xml': `<w:comments xmlns:w="w"><w:t>${words}</w:t></w:comments>`,
    });
    const warningOf = async (words: string) =>
      (await readBytes('a.docx', await docx('', ['Text'], comments(words)))).info.warnings[0]?.message;
    expect(await warningOf('Really?')).toBe('Left out: comments, charts');
    expect(await warningOf('')).toBe('Left out: charts');
  });
});

describe('the language', () => {
  const languageOf = async (words: string) => (await text('a.txt', words)).info.language;

  it.each([
    'Hello World from Acrobat\nHello World from Firefox\nHello World from Preview\nHello World from Edge',
    'Region Revenue North 4711 South 3320 East 990 West 1200 Total 10221 Quarter figures',
    'ROPE-12 ANCHOR-3 BUOY-7 SKU 0001 SKU 0002 SKU 0003 SKU 0004 SKU 0005 pcs pcs pcs',
    'Name: John Smith\nPhone: 555-1234',
  ])('is not named where the text does not suffice: %s', async (words) => {
    expect(await languageOf(words)).toBeNull();
  });

  it('is named where it does', async () => {
    expect(
      await languageOf('Terms and conditions apply. See the back of this page for details on returns.'),
    ).toBe('en');
    const { info } = await readBytes('a.txt', Buffer.from('שלום עולם, זהו מסמך'));
    expect(info.language).toBe('he');
  });
});
