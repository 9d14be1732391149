import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/core/jobs/model/job.ts';
import { type FilesSummary, summarize } from '../../../src/workloads/extract-files/context.ts';
import type { ReadText } from '../../../src/workloads/extract-files/excerpts.ts';
import type { ExtractedFile } from '../../../src/workloads/extract-files/outcome.ts';
import { beginning, excerptChars } from '../../../src/workloads/extract-files/parse/beginning.ts';
import { fairShare } from '../../../src/workloads/extract-files/shares.ts';

const ran = { attempts: 1, durationMs: 1, ranOn: 'test' };
/** Whole texts by their keys, as the store would have them. */
const texts = new Map<string, string>();
const done = (index: number, name: string, whole: string, more: Partial<ExtractedFile> = {}) => {
  const text = { key: `texts/${index}.txt`, bytes: whole.length };
  texts.set(text.key, whole);
  const output = {
    name,
    text,
    characters: whole.length,
    excerpt: beginning(whole, excerptChars),
    title: null,
    language: 'en',
    words: 10,
    keyPhrases: ['tide'],
    ...more,
  } as ExtractedFile;
  return { index, status: 'succeeded', output, ...ran } as const;
};
const failed = (index: number, itemId: string): Outcome<ExtractedFile> => ({
  index,
  itemId,
  status: 'failed',
  error: { code: 'FILE_ENCRYPTED', message: 'It has a password', retryable: false },
  ...ran,
});

const fromStore: ReadText = async (key, chars) => texts.get(key)?.slice(0, chars);

async function merged(
  maxChars: number,
  outcomes: readonly Outcome<ExtractedFile>[],
  readText = fromStore,
): Promise<FilesSummary> {
  const summary = summarize(maxChars, readText);
  for (const outcome of outcomes) summary.add(outcome);
  return JSON.parse(JSON.stringify(await summary.result()));
}

describe('a merged context', () => {
  it('has the files by folder, and what failed with the reason', async () => {
    const summary = await merged(10_000, [
      done(0, 'docs/a.pdf', 'Text of a.', { title: 'A', keyPhrases: ['lock', 'tide'] }),
      done(1, 'docs/sub/b.md', 'Text of b.', { language: 'de' }),
      failed(2, 'docs/c.docx'),
      done(3, 'docs/d.txt', 'Text of d.', { language: null }),
    ]);
    expect(summary).toMatchObject({
      files: 4,
      failed: 1,
      words: 30,
      languages: { en: 1, de: 1 },
      keyPhrases: ['tide', 'lock'],
      context: '# docs/a.pdf (A)\nText of a.\n\n# docs/sub/b.md\nText of b.\n\n# docs/d.txt\nText of d.',
      failures: [{ name: 'docs/c.docx', code: 'FILE_ENCRYPTED', message: 'It has a password' }],
    });
    expect(summary.folders).toMatchObject([
      {
        folder: 'docs',
        files: 4,
        failed: 1,
        languages: { en: 1, de: 1 },
        // What lies in it comes in the order of the files, from whichever of its folders.
        context: '# docs/a.pdf (A)\nText of a.\n\n# docs/sub/b.md\nText of b.\n\n# docs/d.txt\nText of d.',
      },
      { folder: 'docs/sub', files: 1, failed: 0, context: '# docs/sub/b.md\nText of b.' },
    ]);
  });

  it('of a folder has what is in those within it, and in no other that is called alike', async () => {
    const { folders } = await merged(10_000, [
      done(0, 'a/b/c/one', '1'),
      done(1, 'a/b-2/two', '2'),
      done(2, 'top', '3'),
      done(3, `${'deep/'.repeat(30)}four`, '4'),
    ]);
    const found = folders.map(({ folder, files }) => [folder, files]);
    expect(found.slice(0, 5)).toEqual([
      ['.', 4],
      ['a', 2],
      ['a/b', 1],
      ['a/b-2', 1],
      ['a/b/c', 1],
    ]);
    // Each has a context of its own: there is an end to it.
    expect(found.slice(5)).toHaveLength(20);
    expect(folders[1]?.context).toBe('# a/b/c/one\n1\n\n# a/b-2/two\n2');
  });

  it('is made of whole texts, of which no more is read than goes into it', async () => {
    const asked: [string, number][] = [];
    const readText: ReadText = (key, chars) => {
      asked.push([key, chars]);
      return fromStore(key, chars);
    };
    const long = [30_000, 30_000, 30_000].map((chars, n) => done(n, `${n}.txt`, `${n} `.repeat(chars / 2)));
    const { context } = await merged(100_000, [...long, done(3, 'short.txt', 'short')], readText);
    const pieces = [...long.map((_, n) => `# ${n}.txt\n${`${n} `.repeat(15_000)}`), '# short.txt\nshort'];
    expect(context === pieces.join('\n\n')).toBe(true);
    expect(asked.map(([key]) => key)).toEqual(['texts/0.txt', 'texts/1.txt', 'texts/2.txt']);

    asked.length = 0;
    const cut = await merged(20_000, long, readText);
    expect(cut.context.length).toBeGreaterThan(19_900);
    expect(Math.max(...asked.map(([, chars]) => chars))).toBeLessThan(6_700);
    // What the outcomes have need not be read.
    asked.length = 0;
    await merged(11_000, long, readText);
    expect(asked).toEqual([]);
  });

  it('has a text as far as its outcome has it, where the whole cannot be read', async () => {
    const { context } = await merged(10_000, [done(0, 'a', 'x '.repeat(4_000))], async () => undefined);
    expect(context).toMatch(/^# a\n(x )+…$/);
    expect(context.length).toBeGreaterThan(3_990);
  });

  it('leaves short files whole and cuts long ones alike', async () => {
    const { folders } = await merged(1_000, [
      done(0, 'a', 'short'),
      done(1, 'b', 'word '.repeat(700)),
      done(2, 'c', 'word '.repeat(800)),
    ]);
    const [, b = '', c = ''] = folders[0]?.context.split('# ').slice(1) ?? [];
    expect(folders[0]?.context).toContain('# a\nshort\n\n');
    expect(Math.abs(b.length - c.length)).toBeLessThan(10);
    expect(b.length).toBeGreaterThan(400);
  });

  it('never exceeds its limit, however many files there are, and counts them all', async () => {
    const files = fc.array(fc.tuple(fc.constantFrom('', 'x/', 'y/z/'), fc.nat(9_000)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 60_000 }), files, async (maxChars, given) => {
        const outcomes = given.map(([folder, chars], index) =>
          done(index, `${folder}file-${index}.txt`, 'lorem ipsum '.repeat(750).slice(0, chars)),
        );
        const summary = await merged(maxChars, outcomes);
        expect(summary.context.length).toBeLessThanOrEqual(maxChars);
        for (const { context } of summary.folders)
          expect(context.length).toBeLessThanOrEqual(summary.context.length);
        expect(summary.files).toBe(given.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a fair share', () => {
  it('uses all there is, and no more', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1 }), fc.nat(20_000), (wants, total) => {
        const share = fairShare(wants, total);
        const given = wants.reduce((sum, want) => sum + Math.min(want, share), 0);
        expect(given).toBeLessThanOrEqual(total);
        const wanted = wants.reduce((sum, want) => sum + want, 0);
        // Less than one for each is lost to rounding.
        expect(given).toBeGreaterThan(Math.min(wanted, total) - wants.length);
      }),
    );
  });
});
