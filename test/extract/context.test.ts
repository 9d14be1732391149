import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/jobs/job.ts';
import { type FilesSummary, summarize } from '../../src/workloads/extract-files/context.ts';
import type { ExtractedFile } from '../../src/workloads/extract-files/outcome.ts';
import { fairShare } from '../../src/workloads/extract-files/shares.ts';

const ran = { attempts: 1, durationMs: 1, ranOn: 'test' };
const done = (index: number, name: string, excerpt: string, more: Partial<ExtractedFile> = {}) => {
  const output = {
    name,
    excerpt,
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

function merged(maxChars: number, outcomes: readonly Outcome<ExtractedFile>[]): FilesSummary {
  const summary = summarize(maxChars);
  for (const outcome of outcomes) summary.add(outcome);
  return JSON.parse(JSON.stringify(summary.result()));
}

describe('a merged context', () => {
  it('has the files by folder, and what failed with the reason', () => {
    const summary = merged(10_000, [
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
        files: 3,
        failed: 1,
        context: '# docs/a.pdf (A)\nText of a.\n\n# docs/d.txt\nText of d.',
      },
      { folder: 'docs/sub', files: 1, failed: 0, context: '# docs/sub/b.md\nText of b.' },
    ]);
  });

  it('leaves short files whole and cuts long ones alike', () => {
    const { folders } = merged(1_000, [
      done(0, 'a', 'short'),
      done(1, 'b', 'word '.repeat(700)),
      done(2, 'c', 'word '.repeat(800)),
    ]);
    const [, b = '', c = ''] = folders[0]?.context.split('# ').slice(1) ?? [];
    expect(folders[0]?.context).toContain('# a\nshort\n\n');
    expect(Math.abs(b.length - c.length)).toBeLessThan(10);
    expect(b.length).toBeGreaterThan(400);
  });

  it('never exceeds its limit, however many files there are, and counts them all', () => {
    const files = fc.array(fc.tuple(fc.constantFrom('', 'x/', 'y/z/'), fc.nat(4_000)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 20_000 }), files, (maxChars, given) => {
        const outcomes = given.map(([folder, chars], index) =>
          done(index, `${folder}file-${index}.txt`, 'lorem ipsum '.repeat(400).slice(0, chars)),
        );
        const summary = merged(maxChars, outcomes);
        const parts = summary.folders.reduce((sum, { context }) => sum + context.length, 0);
        expect(summary.context.length).toBeLessThanOrEqual(maxChars);
        expect(parts).toBeLessThanOrEqual(summary.context.length);
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
