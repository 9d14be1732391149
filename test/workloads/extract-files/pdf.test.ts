import { describe, expect, it } from 'vitest';
import type { Glyph } from '../../../src/workloads/extract-files/parse/pdf/glyphs.ts';
import { readingOrder } from '../../../src/workloads/extract-files/parse/pdf/reading-order.ts';
import { readSample } from './files.ts';

const textOf = async (name: string) => (await readSample(name)).text;

describe('a PDF whose fonts are not in it', () => {
  it('with a character map that every reader knows', async () => {
    const { text, info } = await readSample('issue16538.pdf');
    expect(info.characters).toBeGreaterThan(600);
    expect(text.match(/[\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Han}]/gu)?.length).toBeGreaterThan(550);
    expect(text).toContain('「取引できない商品」');
    expect(info.language).toBe('ja');
  });

  it('and whose bytes are Shift JIS', async () => {
    expect(await textOf('noembed-sjis.pdf')).toBe('あいうえお');
  });
});

it('has signs that are turned for vertical writing as they are typed', async () => {
  expect(await textOf('vertical-sjis.pdf')).toBe('縦書きの日本語、「括弧」ー①');
});

describe('a PDF with a form', () => {
  it('names words that are only drawn', async () => {
    const { text, info } = await readSample('signed-form.pdf');
    expect(text.split('\n')).toEqual(['Label', 'Rich words', 'France', 'Inherited value', 'One, Three']);
    expect(info.warnings).toMatchObject([{ message: 'Left out: captions of buttons, signatures' }]);
  });

  it('has all kinds of notes, but for those that are hidden', async () => {
    const lines = (await textOf('notes.pdf')).split('\n');
    expect(lines.slice(0, 3)).toEqual(['Body', 'Sticky note', 'Free text']);
    expect(lines).toContain('Rich only');
    expect(lines).toHaveLength(14);
    expect(lines).not.toContain('Hidden');
  });

  it('has what was typed into it', async () => {
    expect(await textOf('annotation-tx3.pdf')).toBe('tx annotation\nLine2\nLine3\nLine4');
  });

  it('has the words of a choice, ticks, and notes; neither what is not ticked nor a password', async () => {
    expect((await textOf('form.pdf')).split('\n')).toEqual([
      'Order form',
      'Check the address',
      'Is this the new form?',
      'Ana Böhm',
      'Green',
      'gift: Yes',
    ]);
  });

  it('has free text, once', async () => {
    const lines = (await textOf('freetexts.pdf')).split('\n');
    for (const program of ['Acrobat', 'Preview', 'Edge without Acrobat', 'Foxit', 'Okular']) {
      expect(lines.filter((line) => line === `Hello World from ${program}`)).toHaveLength(1);
    }
  });
});

describe('a PDF that is read from right to left', () => {
  it('drawn letter by letter', async () => {
    // Its source is 230 kB: these are its first glyphs.
    const letter = (text: string, start: number, width: number): Glyph => ({
      ...{ text, start, end: start + width, across: 769, size: 12, angle: 0 },
    });
    const glyphs = [
      ...[letter('ש', 540, 9), letter('ל', 534, 6), letter('ו', 530, 4), letter('ם', 523, 7)],
      ...[letter('ע', 513, 6), letter('ו', 510, 4), letter('ל', 504, 6), letter('ם', 497, 7)],
    ];
    expect(readingOrder(glyphs)).toBe('שלום עולם');
  });

  it.each([
    ['םימי 12-ל', 'ל-12 ימים'],
    ['+972-3-123 ןופלט', 'טלפון +972-3-123'],
    ['-5 הנוכנ', 'נכונה -5'],
  ])('with signs beside numbers: %s', (printed, read) => {
    const glyphs = [...printed].map(
      (text, at): Glyph => ({
        ...{ text, start: at * 6, end: at * 6 + 6, across: 0, size: 12, angle: 0 },
      }),
    );
    expect(readingOrder(glyphs)).toBe(read);
  });

  it('in the order of the text, with ligatures, brackets, a number and a foreign name', async () => {
    expect(await textOf('rtl-logical.pdf')).toBe('السلام عليكم (صفحة 12) في مدينة Berlin اليوم\nHello world');
  });

  it('in the order in which it is seen', async () => {
    expect(await textOf('rtl-visual.pdf')).toBe('מספר הזמנה 12345.\nשנתי 2024 Annual דוח\nTotal amount due');
  });

  it('whose first letter stands for a whole word', async () => {
    const text = await textOf('habibi.pdf');
    expect(text).toMatch(/^حَبيبي habibi /);
    expect(text).not.toContain('يبيبَح');
  });

  it('with forms of letters that only fonts have', () => {
    const width = 5;
    const shaped = [...'ﻢﻟﺎﻋ'].map((text, at) => ({
      ...{ text, start: at * width, end: (at + 1) * width, across: 0, size: 10, angle: 0 },
    }));
    expect(readingOrder(shaped).normalize('NFKC')).toBe('عالم');
  });
});
