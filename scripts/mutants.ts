/**
 * `npm run mutants`: puts one fault at a time into a copy of the code and runs the tests that ought to catch it. Prints
 * which test did. Exits with 1 where a fault goes unnoticed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutants } from './mutants/list.ts';

const root = join(import.meta.dirname, '..');
const copied = [
  'src',
  'handlers',
  'test',
  'deploy',
  'scripts',
  'events',
  'package.json',
  'package-lock.json',
];
const settings = ['serverless.yml', 'tsconfig.json', 'vitest.config.ts'];

const directory = mkdtempSync(join(tmpdir(), 'spillway-mutants-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const name of [...copied, ...settings])
  cpSync(join(root, name), join(directory, name), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));

/** The names of the tests that fail, with their files. */
function failures(tests: readonly string[]): string[] {
  const args = ['run', '--project=unit', '--project=parts', '--project=on-aws', '--reporter=dot', ...tests];
  const env = { ...process.env, NO_COLOR: '1' };
  const { stdout, stderr } = spawnSync('vitest', args, {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env,
  });
  const output = stdout + stderr;
  if (!/^\s*Tests .*\d+ passed/m.test(output))
    throw new Error(`The tests did not run: ${output.slice(-2_000)}`);
  return [...new Set([...output.matchAll(/^ FAIL +(.+)$/gm)].map(([, name = '']) => name.trim()))];
}

let unnoticed = 0;
for (const { fault, file, find, replace, tests } of mutants) {
  const path = join(directory, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(find, replace);
  if (after === before) throw new Error(`${file} has no longer what "${fault}" replaces`);
  writeFileSync(path, after);
  const [first, ...others] = failures(tests);
  writeFileSync(path, before);
  if (first === undefined) unnoticed += 1;
  const caught =
    first === undefined ? 'NOT CAUGHT' : `${first}${others.length > 0 ? ` (+${others.length})` : ''}`;
  console.log(`${fault}\n  ${file}\n  ${caught}`);
}
console.log(`\n${mutants.length - unnoticed} of ${mutants.length} faults are caught`);
process.exitCode = unnoticed === 0 ? 0 : 1;
