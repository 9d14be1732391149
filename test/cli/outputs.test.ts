import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../src/local/service.ts';
import { scratchDir } from '../service/harness.ts';
import { spillway } from './command.ts';
import { readRows, rowsOf, writeRows } from './files.ts';

let service: Service;
let directory: Awaited<ReturnType<typeof scratchDir>>;
const at = (name: string) => join(directory.path, name);
const content = (name: string) => readFileSync(at(name), 'utf8');

beforeAll(async () => {
  directory = await scratchDir();
  service = await startService({ dataDir: at('data'), port: 0, workers: 2 });
  writeRows(at('good.csv'), 3);
  writeRows(at('bad.csv'), 4, (n) => n % 2 === 1);
});
afterAll(async () => {
  await service?.stop();
  await directory?.remove();
});

const environment = () => ({ SPILLWAY_ENDPOINT: service.url, SPILLWAY_API_KEY: 'local' });
const run = (input: string, output: string, ...more: string[]) =>
  spillway(directory.path, ['run', 'echo', '--input', input, '--output', output, ...more], environment());

describe('errors', () => {
  it('lie beside their output under its own name, and go when there are none', async () => {
    mkdirSync(at('two'));
    writeFileSync(at('two/errors.csv'), 'mine');
    const a = await run('bad.csv', 'two/a.csv');
    const b = await run('bad.csv', 'two/b.xlsx');
    expect([a.code, b.code]).toEqual([3, 3]);
    expect(a.stdout).toContain('two/a.errors.csv');
    const names = ['a.csv', 'a.errors.csv', 'b.errors.csv', 'b.xlsx', 'errors.csv'];
    expect(readdirSync(at('two')).sort()).toEqual(names);
    expect(readRows(at('two/a.errors.csv'))).toHaveLength(2);
    // An older one of another format is no less stale.
    writeFileSync(at('two/a.errors.jsonl.gz'), '');
    expect((await run('good.csv', 'two/a.csv')).code).toBe(0);
    expect(readdirSync(at('two')).sort()).toEqual(names.filter((name) => name !== 'a.errors.csv'));
    expect(content('two/errors.csv')).toBe('mine');
  });

  it('mended, are merged into the output that they came from, in its order; what fails again stays in both', async () => {
    await run('bad.csv', 'mend/out.csv');
    const before = readRows(at('mend/out.csv'));
    const merge = (...more: string[]) =>
      spillway(
        directory.path,
        ['run', 'echo', '--input', 'mend/out.errors.csv', '--merge-into', 'mend/out.csv', ...more],
        environment(),
      );
    writeFileSync(at('mend/out.errors.csv'), content('mend/out.errors.csv').replace('1,true', '1,false'));
    expect(await merge()).toMatchObject({ code: 3, stdout: expect.stringContaining('mend/out.errors.csv') });
    const after = readRows(at('mend/out.csv'));
    expect(after[1]).toBe('City 1,1,false,,');
    expect(after[3]).toBe(before[3]);
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    expect(readRows(at('mend/out.errors.csv'))).toEqual([before[3]]);

    writeFileSync(at('mend/out.errors.csv'), content('mend/out.errors.csv').replace('3,true', '3,false'));
    expect((await merge()).code).toBe(0);
    expect(content('mend/out.csv').split('\r\n')[0]).toBe('city,n,fail');
    expect(readRows(at('mend/out.csv'))).toEqual(rowsOf(4));
    expect(existsSync(at('mend/out.errors.csv'))).toBe(false);
  });

  it('are merged only one for one', async () => {
    await run('bad.csv', 'few/out.jsonl');
    writeFileSync(at('few/mended.csv'), 'city,n,fail\r\nCity 1,1,false\r\n');
    const args = ['run', 'echo', '--input', 'few/mended.csv', '--merge-into', 'few/out.jsonl'];
    const refused = await spillway(directory.path, args, environment());
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('few/out.jsonl has 2 rows that failed, but few/mended.csv has one row');
    writeFileSync(at('few/mended.csv'), 'city,n,fail\r\nCity 1,1,false\r\nCity 3,3,\r\n');
    expect((await spillway(directory.path, args, environment())).code).toBe(0);
    const rows = content('few/out.jsonl').trim().split('\n');
    expect(rows.map((row) => JSON.parse(row).n)).toEqual(['0', '1', '2', '3']);
    expect(content('few/out.jsonl')).not.toContain('error_code');
    expect(await spillway(directory.path, args, environment())).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no row of few/out.jsonl failed'),
    });
  });
});

describe('an output', () => {
  it('that is a link stays one: what it leads to is written, also if that is new or has another name', async () => {
    mkdirSync(at('links'));
    writeFileSync(at('links/old.csv'), 'old', { mode: 0o640 });
    linkSync(at('links/old.csv'), at('links/twin.csv'));
    symlinkSync('old.csv', at('links/to-old.csv'));
    symlinkSync('deep/new.csv', at('links/to-new.csv'));
    await run('good.csv', 'links/to-old.csv');
    await run('good.csv', 'links/to-new.csv');
    for (const name of ['to-old.csv', 'to-new.csv'])
      expect(lstatSync(at(`links/${name}`)).isSymbolicLink()).toBe(true);
    for (const name of ['old.csv', 'twin.csv', 'deep/new.csv'])
      expect(readRows(at(`links/${name}`))).toEqual(rowsOf(3));
    expect(statSync(at('links/old.csv')).mode & 0o777).toBe(0o640);
  });

  it('that is a device or a pipe is written to, not replaced', async () => {
    execFileSync('mkfifo', [at('pipe.csv')]);
    const reader = spawn('cat', [at('pipe.csv')]);
    const [read, piped, lost] = await Promise.all([
      text(reader.stdout),
      run('bad.csv', 'pipe.csv'),
      run('good.csv', '/dev/null', '--format', 'csv'),
    ]);
    expect([piped.code, lost.code]).toEqual([3, 0]);
    expect(read.split('\r\n')[1]).toBe('City 0,0,false,,');
    expect(statSync(at('pipe.csv')).isFIFO()).toBe(true);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(existsSync('/dev/null.errors.csv')).toBe(false);
    expect(existsSync(at('pipe.errors.csv'))).toBe(false);
  });

  it.each(['-', '/dev/stdout'])('that is %s is standard output, with nothing else in it', async (name) => {
    const { code, stdout, stderr } = await run('bad.csv', name, '--format', 'jsonl');
    expect(code).toBe(3);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).n),
    ).toEqual(['0', '1', '2', '3']);
    expect(stderr).toContain('2 succeeded, 2 failed');
    expect(lstatSync('/dev/stdout').isSymbolicLink()).toBe(true);
  });

  it.each<[string, string, RegExp]>([
    ['good.csv', 'data', /data is a folder: name a file in it/],
    ['good.csv', 'good.csv/out.csv', /cannot be written: a part of its path is a file/],
    ['good.csv', '/proc/none/out.csv', /cannot be written/],
    ['good.csv', `${'x'.repeat(300)}.csv`, /cannot be written: its name is too long/],
    ['good.csv', './good.csv', /would replace the input/],
    ['same.csv', 'good.csv', /would replace the input/],
    ['hard.csv', 'good.csv', /would replace the input/],
    [
      'taken/out.errors.csv',
      'taken/out.csv',
      /out\.errors\.csv, which would replace the input.*--merge-into/,
    ],
    ['good.csv', 'full/out.csv', /out\.errors\.csv must not be a folder/],
    ['data', 'out.csv', /is not a file, but a folder/],
  ])('is checked before any work: %s into %s', async (input, output, message) => {
    if (!existsSync(at('same.csv'))) {
      symlinkSync('good.csv', at('same.csv'));
      linkSync(at('good.csv'), at('hard.csv'));
      mkdirSync(at('taken'));
      writeRows(at('taken/out.errors.csv'), 1);
      mkdirSync(at('full/out.errors.csv'), { recursive: true });
    }
    const before = content('good.csv');
    const { code, stdout, stderr } = await run(input, output);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('job_');
    expect(content('good.csv')).toBe(before);
  });
});

it('an input may come from a pipe: the same content is the same job', async () => {
  const main = resolve('src/cli/main.ts');
  const piped = async (rows: string, ...args: string[]) => {
    const child = spawn(process.execPath, [main, 'run', 'echo', '--output', '-', ...args], {
      cwd: directory.path,
      env: { ...process.env, ...environment() },
    });
    child.stdin.end(rows);
    const ended = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: (await ended)[0], stdout, job: /job_\w+/.exec(stderr)?.[0], stderr };
  };
  const first = await piped('a,b\r\n1,2\r\n', '--input', '-');
  expect(first, first.stderr).toMatchObject({ code: 0, stdout: 'a,b\r\n1,2\r\n' });
  const again = await piped('a,b\r\n1,2\r\n', '--input', '/dev/stdin');
  expect(again).toMatchObject({ code: 0, stdout: first.stdout, job: first.job });
  expect((await piped('{"a":1}\n', '--input', '-', '--format', 'jsonl')).stdout).toBe('{"a":1}\n');
  expect(await piped('', '--input', '-')).toMatchObject({ code: 2, stdout: '' });
  // What was kept of it is personal data, maybe.
  expect(readdirSync(at('.spillway/inputs'))).toEqual([]);
});
