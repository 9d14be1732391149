import { isAbsolute, join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textPaths, textsFolder } from '../../src/cli/texts.ts';

const pathsOf = (...names: string[]) => {
  const pathOf = textPaths();
  return names.map((name, index) => pathOf(name, index));
};

describe('the path of a text', () => {
  it('is that of its file', () => {
    expect(pathsOf('papers/über uns.md', 'papers/deep/a.csv')).toEqual([
      'papers/über uns.md.txt',
      'papers/deep/a.csv.txt',
    ]);
    expect(['out/found.jsonl', 'found.csv.gz', 'found'].map(textsFolder)).toEqual([
      'out/found-texts',
      'found-texts',
      'found-texts',
    ]);
  });

  it.each([
    [['a.pdf', 'A.PDF'], 'a.pdf.txt', 'A.PDF~1.txt'],
    [['a', 'a.txt/b'], 'a.txt', '~1.txt'],
    [['a.txt/b', 'a'], 'a.txt/b.txt', 'a~1.txt'],
    [['../../etc/passwd', '/etc/passwd'], '_./_./etc/passwd.txt', 'etc/passwd.txt'],
  ])('of %j is one of its own', (names, ...paths) => {
    expect(pathsOf(...names)).toEqual(paths);
  });

  it('never leads elsewhere, is taken once only, and fits file systems', () => {
    const step = fc.oneof(
      fc.constantFrom('..', '.', '', 'a', 'A', 'a.txt', 'a~1', '~1', 'é', 'e\u0301', '語'.repeat(90)),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    const names = fc.array(
      fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('/')),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(names, (given) => {
        const paths = pathsOf(...given);
        const taken = paths.map((path) => path.toLowerCase());
        expect(new Set(taken).size).toBe(given.length);
        const bad = paths.filter((path) => {
          const leads = isAbsolute(path) || normalize(join('texts', path)) !== `texts/${path}`;
          const long = path.split('/').some((one) => Buffer.byteLength(one) > 240);
          // Where one is a file, no other is in it.
          return leads || long || taken.some((other) => other.startsWith(`${path.toLowerCase()}/`));
        });
        expect(bad).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
