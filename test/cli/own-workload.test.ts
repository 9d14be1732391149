import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchDir } from '../service/harness.ts';
import { spillway } from './command.ts';

let directory: Awaited<ReturnType<typeof scratchDir>>;
let main: string;

const read = (path: string) => readFileSync(path, 'utf8');

/** The example as it reads in its place, a folder of `src/workloads`. */
const inItsPlace = (text: string) =>
  text.replaceAll("'../../src/workloads/", "'../").replaceAll("'../../src/", "'../../");
const example = inItsPlace(read('examples/word-count/workload.ts'));

/** A copy of the project with one folder and one line more. */
beforeAll(async () => {
  directory = await scratchDir();
  const project = join(directory.path, 'project');
  main = join(project, 'src/cli/main.ts');
  // Copied are those that import one another: the copy must not lead back here.
  for (const name of ['src', 'handlers', 'package.json', 'serverless.yml'])
    cpSync(name, join(project, name), { recursive: true });
  for (const name of ['node_modules', 'events', 'deploy'])
    symlinkSync(resolve(name), join(project, name), 'dir');

  const workloads = join(project, 'src/workloads');
  mkdirSync(join(workloads, 'word-count'), { recursive: true });
  writeFileSync(join(workloads, 'word-count/workload.ts'), example);
  const registry = join(workloads, 'registry.ts');
  // Whoever tries the documentation out has it there.
  if (read(registry).includes('wordCount')) return;
  const line = "import { wordCount } from './word-count/workload.ts';";
  writeFileSync(registry, `${line}\n${read(registry).replace(/^ {2}echo,$/m, '  echo,\n  wordCount,')}`);
});
afterAll(() => directory?.remove());

const own = (...args: string[]) => spillway(directory.path, args, {}, main);

it('a workload in one folder and one line is run, described and planned', async () => {
  writeFileSync(join(directory.path, 'texts.csv'), 'id,text\n1,to be or not to be\n2,\n');
  const files = ['--input', 'texts.csv', '--output', 'counted.csv'];
  const [ran, described, planned] = await Promise.all([
    own('run', 'word-count', ...files, '--set', 'minLength=3'),
    own('workloads', 'word-count', '--json'),
    own('plan', 'word-count', '--items', '100000'),
  ]);
  expect(ran).toMatchObject({ code: 3, stdout: expect.stringContaining('1 succeeded') });
  expect(read(join(directory.path, 'counted.csv')).trimEnd().split(/\r?\n/)).toEqual([
    'id,text,words,error_code,error_message',
    '1,to be or not to be,1,,',
    '2,,,TEXT_EMPTY,"Column ""text"" is empty"',
  ]);
  expect(JSON.parse(described.stdout)).toMatchObject({ name: 'word-count', columns: ['text'] });
  expect(planned).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('100,000 items in 1,000 slices'),
  });
});

it('is what the documentation shows', () => {
  const texts = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))];
  const blocks = texts
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...read(path).matchAll(/^```ts\n(?:\/\/ [^\n]*\n)?(.*?)^```$/gms)].map(([, code]) => code),
    );
  const shown = blocks.filter((code) => code?.includes('export function wordCount'));
  expect(shown).not.toEqual([]);
  for (const block of shown) expect(block).toBe(example);
});
