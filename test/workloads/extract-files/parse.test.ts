import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../src/workloads/extract-files/kind.ts';
import { keyPhrases } from '../../../src/workloads/extract-files/parse/key-phrases.ts';
import { parse } from '../../../src/workloads/extract-files/parse/parse.ts';
import { countWords } from '../../../src/workloads/extract-files/parse/words.ts';
import { english, german, samples } from './samples.ts';

async function read(name: keyof typeof samples) {
  const bytes = await samples[name]();
  return parse(kindOf(bytes, name), new Uint8Array(bytes));
}
const textOf = async (name: string, bytes: Buffer) => (await parse(kindOf(bytes, name), bytes)).text;

describe('what is found in', () => {
  it('a PDF: pages, table of contents, title', async () => {
    const { info, text } = await read('report.pdf');
    expect(info).toMatchObject({
      kind: 'pdf',
      title: 'Harbour report',
      language: 'en',
      pages: 2,
      warnings: [],
    });
    expect(info.sections).toEqual([
      { title: 'Budget', level: 1, page: 1 },
      { title: 'Schedule', level: 1, page: 2 },
    ]);
    expect(text.replace(/\s+/g, ' ')).toBe(`Budget ${english} Schedule The lock closes in June.`);
    expect(info.words).toBe(35);
    expect(info.keyPhrases).toContain('northern channel');
  });

  it('a Word document: headings, tables, title', async () => {
    const { info, text } = await read('minutes.docx');
    expect(info).toMatchObject({ kind: 'docx', title: 'Minutes', language: 'en', pages: null });
    expect(info.sections).toEqual([
      { title: 'Attendance', level: 1 },
      { title: 'Decisions', level: 2 },
    ]);
    expect(text).toBe(
      `Attendance\n\n${english}\n\nName\tRole\nAna & Bo\tChair\n\nDecisions\n\nNothing <else>.`,
    );
  });

  it('a presentation: slides in order, notes, no slide numbers', async () => {
    const { info, text } = await read('deck.pptx');
    expect(info).toMatchObject({ kind: 'pptx', title: 'Deck', pages: 2 });
    expect(info.sections.map(({ title, page }) => [page, title])).toEqual([
      [1, 'Welcome'],
      [2, 'Plans'],
    ]);
    expect(text).toBe(`Welcome\nFirst line\nSecond line\nGreet the guests\n\nPlans\n${english}`);
  });

  it('a workbook: a line for each row', async () => {
    const { info, text } = await read('berths.xlsx');
    expect(info).toMatchObject({
      kind: 'xlsx',
      title: 'Berths',
      pages: 1,
      sections: [{ title: 'Berths', level: 1 }],
    });
    expect(text).toBe('Berths\nberth\tship\nN1\tAurora\nN2\tBorea');
  });

  it('a page: what it shows, and nothing else', async () => {
    const { info, text } = await read('tides.html');
    expect(info).toMatchObject({
      kind: 'html',
      title: 'Tide & time',
      sections: [{ title: 'Tides', level: 1 }],
    });
    expect(text).toBe('Tides\n\nHigh water at noon.\n- one\n- two\na\tb\n1\t2');
  });

  it('Markdown: the words without the marks', async () => {
    const { info, text } = await read('guide.md');
    expect(info).toMatchObject({
      kind: 'markdown',
      title: 'Pilot guide',
      sections: [{ title: 'Approach', level: 1 }],
    });
    expect(text).toBe('Approach\n\nCall the pilot on channel 12.\n- one\n- two\n\na\tb\n1\t2\n\ncode');
  });

  it('a table: its columns, whatever divides them', async () => {
    const { info, text } = await read('stores.csv');
    expect(info).toMatchObject({ kind: 'csv', title: null, language: null });
    expect(info.sections.map(({ title }) => title)).toEqual(['name', 'quantity']);
    expect(text).toBe('name\tquantity\nrope\t3\nanchor; large\t1');
  });

  it('a table that is none: its text', async () => {
    const { info, text } = await parse('csv', Buffer.from('a,a\n1,2\n'));
    expect(text).toBe('a,a\n1,2');
    expect(info.warnings).toMatchObject([{ code: 'ROWS_IRREGULAR' }]);
  });

  it('text in an old encoding, which is guessed', async () => {
    const { info, text } = await read('notice.txt');
    expect(text).toBe(german);
    expect(info).toMatchObject({
      kind: 'text',
      language: 'de',
      words: 18,
      warnings: [{ code: 'ENCODING_GUESSED' }],
    });
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${german}`)],
    ['UTF-16', Buffer.from(`\ufeff${german}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(german, 'utf16le')],
  ])('%s', async (_, bytes) => {
    expect(await textOf('a.txt', bytes)).toBe(german);
  });

  it('a page in the encoding that it tells', async () => {
    const html = Buffer.concat([
      Buffer.from('<html><head><meta charset="koi8-r"></head><p>'),
      Buffer.from([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]),
    ]);
    expect(await textOf('a.html', html)).toBe('Привет');
  });
});

describe('a Word document', () => {
  const word = async (body: string) => {
    const { docx } = await import('../../../src/local/demo/extract-files/documents/docx.ts');
    const document = `<w:document xmlns:w="w" xmlns:mc="mc"><w:body>${body}</w:body></w:document>`;
    return textOf('a.docx', await docx('', [], { 'word/document.xml': document }));
  };
  const run = (text: string) => `<w:r><w:t>${text}</w:t></w:r>`;

  it('has neither what was deleted nor what was moved away nor codes', async () => {
    expect(
      await word(
        `<w:p>${run('kept')}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:moveFrom>${run('old')}</w:moveFrom>` +
          `<w:r><w:instrText>PAGE</w:instrText><w:tab/></w:r><w:ins>${run('new')}</w:ins></w:p>`,
      ),
    ).toBe('kept\tnew');
  });

  it('says the text of a box once', async () => {
    const box = `<w:txbxContent><w:p>${run('box')}</w:p></w:txbxContent>`;
    const both = `<mc:AlternateContent><mc:Choice>${box}</mc:Choice><mc:Fallback>${box}</mc:Fallback></mc:AlternateContent>`;
    expect(await word(`<w:p><w:r>${both}</w:r>${run('around')}</w:p>`)).toBe('box\n\naround');
  });

  it('has tables in tables', async () => {
    const cell = (content: string) => `<w:tc>${content}</w:tc>`;
    const table = (...cells: string[]) => `<w:tbl><w:tr>${cells.map(cell).join('')}</w:tr></w:tbl>`;
    const p = (text: string) => `<w:p>${run(text)}</w:p>`;
    expect(await word(table(p('a') + p('b'), p('c') + table(p('d'), p('e'))))).toBe('a b\tc d e');
  });
});

describe('a long text', () => {
  it('is cut, and says so', async () => {
    const { info, text } = await parse('text', Buffer.from('word '.repeat(500_000)));
    expect(text.length).toBeLessThanOrEqual(2_000_000);
    expect(info.words).toBe(400_000);
    expect(info.warnings).toMatchObject([{ code: 'TEXT_CUT' }]);
    expect(info.excerpt.length).toBeLessThanOrEqual(4_000);
  });
});

describe('words', () => {
  it.each([
    ["It's the well-known U.S. port.", 'eng', 5],
    ['港口委员会批准了预算', 'cmn', 6],
    ['', undefined, 0],
  ])('of %j are counted', (text, language, words) => {
    expect(countWords(text, language)).toBe(words);
  });

  it('that say what a text is about come first', () => {
    const text = `${'Ballast water treatment is the topic. '.repeat(5)}The weather was fine and the tea was warm.`;
    expect(keyPhrases(text, 'eng')[0]).toBe('ballast water treatment');
  });
});

describe('the kind of a file', () => {
  it.each([
    ['no name at all', '%PDF-1.4', 'pdf'],
    ['page', '  <!DOCTYPE html><p>', 'html'],
    ['notes', 'plain', 'text'],
    ['notes.markdown', 'plain', 'markdown'],
  ])('%s beginning with %j is %s', (name, head, kind) => {
    expect(kindOf(Buffer.from(head), name)).toBe(kind);
  });
});
