import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchDir } from '../service/harness.ts';
import { spillway } from './command.ts';
import { writeRows } from './files.ts';

let directory: Awaited<ReturnType<typeof scratchDir>>;

beforeAll(async () => {
  directory = await scratchDir();
  mkdirSync(join(directory.path, 'folder'));
  writeFileSync(join(directory.path, 'empty.csv'), '');
  writeFileSync(join(directory.path, 'list.json'), '[]');
  writeRows(join(directory.path, 'rows.csv'), 3);
  writeRows(join(directory.path, 'again.errors.csv'), 3);
});
afterAll(() => directory?.remove());

const files = (input: string, output: string) => ['run', 'echo', '--input', input, '--output', output];

it.concurrent.each([
  [['run', 'echo', '--input', 'rows.csv'], /--output <file>' not specified/],
  [['jump'], /unknown command 'jump'/],
  [files('missing.csv', 'out.csv'), /The input cannot be read: ENOENT.*missing\.csv/],
  [files('folder', 'out.csv'), /is not a file/],
  [['run', 'echo', '--input', 'rows.csv', 'list.json', '--output', 'out.csv'], /takes one file of rows/],
  [['run', 'extract-files', '--input', 'folder', '--output', 'out.csv'], /no files in the input/],
  [
    ['run', 'extract-files', '--input', 'rows.csv', './rows.csv', '--output', 'o.csv'],
    /both be called rows\.csv/,
  ],
  [files('empty.csv', 'out.csv'), /is empty/],
  [files('rows.csv', 'out.txt'), /format of out\.txt is not clear/],
  [files('rows.csv', './rows.csv'), /would replace the input/],
  [['run', 'extract-files', '--input', '.', '--output', 'found/out.csv'], /is in the folder of the input/],
  [files('again.errors.csv', 'again.csv'), /would go into again\.errors\.csv, which would replace the input/],
  [
    [...files('rows.csv', 'out.csv'), '--merge-into', 'out.csv'],
    /--output and --merge-into exclude each other/,
  ],
  [files('rows.csv', 'out.xlsx.gz'), /XLSX is already compressed/],
  [[...files('rows.csv', 'out.csv'), '--set', 'delayMs'], /--set takes name=value, but got 'delayMs'/],
  [[...files('rows.csv', 'out.csv'), '--config', 'list.json'], /list\.json must be a JSON object/],
  [[...files('rows.csv', 'out.csv'), '--max-workers', '0'], /a whole number from 1 to 1000/],
  [[...files('rows.csv', 'out.csv'), '--endpoint', 'http://127.0.0.1:1'], /An endpoint needs a key/],
  [['list', '--endpoint', 'nowhere', '--api-key', 'k'], /http:\/\/ or https:\/\/ URL, but is 'nowhere'/],
  [[...files('rows.csv', 'out.csv'), '--encoding', 'klingon'], /an encoding such as windows-1252/],
  [['list', '--api-key', 'k'], /goes with --endpoint/],
  [['workloads', 'ecko'], /no workload "ecko" \(did you mean "echo"\?\); available: .*echo/],
  [['workloads', '--endpoint', 'nowhere'], /http:\/\/ or https:\/\/ URL, but is 'nowhere'/],
  [['webhook-secret', 'local'], /SPILLWAY_WEBHOOK_SECRET must hold/],
])('%j is wrong usage', async (args, message) => {
  const { code, stdout, stderr } = await spillway(directory.path, args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

it('shows an example for each command', async () => {
  const names = [
    'run',
    'submit',
    'watch',
    'list',
    'results',
    'cancel',
    'retry',
    'resume',
    'products',
    'plan',
    'workloads',
    'webhook-secret',
  ];
  const helps = await Promise.all(names.map((name) => spillway(directory.path, [name, '--help'])));
  for (const [n, { code, stdout }] of helps.entries()) {
    const name = names[n];
    expect([name, code]).toEqual([name, 0]);
    expect(stdout).toContain(`Usage: spillway ${name} `);
    expect(stdout).toMatch(/^Examples?:\n {2}(echo|SPILLWAY_\w+=\S+|spillway) /m);
  }
});
