import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].sort();

/** Made from the declarations of errors. */
const generated = ['docs/errors.md'];

const exists = (path: string) => generated.includes(path) || existsSync(path);

/** A document without its blocks of code. */
const proseOf = (path: string) => readFileSync(path, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');

/** What a heading's link is called, as GitHub names it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (path: string) =>
  [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** Why a link leads nowhere; undefined where it does not. */
function brokenLink(from: string, target: string): string | undefined {
  if (/^https?:/.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (!exists(path)) return `${from}: ${target}: there is no ${path}`;
  if (anchor === undefined || generated.includes(path) || anchorsIn(path).includes(anchor)) return undefined;
  return `${from}: ${target}: there is no heading '${anchor}'`;
}

describe('README', () => {
  const lines = readFileSync('README.md', 'utf8').trimEnd().split('\n');

  it('has at most 150 lines of at most 120 characters', () => {
    expect(lines.length).toBeLessThanOrEqual(150);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });

  it('leads to every document of docs', () => {
    const reached = new Set(['README.md']);
    for (const from of reached) {
      for (const [, target = ''] of proseOf(from).matchAll(/\]\(([^)\s]+\.md)/g)) {
        const path = join(dirname(from), target);
        if (existsSync(path)) reached.add(path);
      }
    }
    expect(documents.filter((path) => !reached.has(path))).toEqual([]);
  });
});

describe.each(documents)('%s', (document) => {
  const prose = proseOf(document);

  it('has links that lead somewhere', () => {
    const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    expect(targets.map((target) => brokenLink(document, target)).filter((one) => one !== undefined)).toEqual(
      [],
    );
  });

  it('names files of the repository that exist', () => {
    const named = [
      ...prose.matchAll(
        /`((?:src|handlers|test|deploy|docs|events|scripts)\/[\w./-]+|serverless\.yml|package\.json)`/g,
      ),
    ].map(([, path = '']) => path);
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('follows one request through at most twelve files', () => {
    const [, followed = ''] =
      /## One request, followed\n([\s\S]*?)\n## /.exec(proseOf('docs/architecture.md')) ?? [];
    const files = new Set(
      [...followed.matchAll(/`((?:src|handlers)\/[\w./-]+\.ts)`/g)].map(([, path]) => path),
    );
    expect(files.size).toBeGreaterThan(5);
    expect(files.size).toBeLessThanOrEqual(12);
  });
});
