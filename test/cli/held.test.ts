import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataDir } from '../../src/local/data-dir.ts';
import { scratchDir } from '../service/harness.ts';
import { startMain } from '../service/main-process.ts';
import { spillway, start } from './command.ts';
import { readRows, rowsOf, writeRows } from './files.ts';

let directory: Awaited<ReturnType<typeof scratchDir>>;
const at = (name: string) => join(directory.path, name);
const env = { SPILLWAY_LEASE_SECONDS: '3' };
const dataDir = ['--data-dir', 'my data'];
const idIn = (text: string) => /job_\w+/.exec(text)?.[0] ?? '';

beforeAll(async () => {
  directory = await scratchDir();
  writeRows(at('slow.csv'), 3_000);
  writeRows(at('two.csv'), 2);
});
afterAll(() => directory?.remove());

/** A run that is under way, with some of its rows done. */
async function begun(...more: string[]) {
  const args = ['run', 'echo', '--input', 'slow.csv', '--set', 'delayMs=60', ...dataDir, ...more];
  const running = start(directory.path, args, env);
  await running.says(/[1-9][\d,]*\/3,000\+? items/);
  return running;
}

/** The last words of what a command suggests, as a shell takes them apart. */
const pasted = (text: string, command: string) => {
  const line = text.split('\n').find((one) => one.includes(`npx spillway ${command} `)) ?? '';
  const [, words = ''] = /npx spillway (.*)$/.exec(line) ?? [];
  return [...words.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
};

describe('a job of an interrupted run', () => {
  it('is held: nobody else moves it, everybody is told of it, and it goes on at another pace and with another output', async () => {
    const killed = await begun('--output', 'out.csv');
    killed.child.kill('SIGKILL');
    const id = idIn((await killed.ended).stderr);

    // A list needs no service, and shows it.
    const listed = await spillway(directory.path, ['list', ...dataDir]);
    expect(listed.stdout).toMatch(new RegExp(`${id} +echo +held `));
    const [one] = (await spillway(directory.path, ['list', '--json', ...dataDir])).stdout.trim().split('\n');
    expect(JSON.parse(one ?? '')).toMatchObject({ jobId: id, status: 'running', held: true });
    const done = Number(JSON.parse(one ?? '').processedItems);

    // Neither another command nor a service in its data directory moves it.
    const other = await spillway(
      directory.path,
      ['run', 'echo', '--input', 'two.csv', '--output', 'two-out.csv', ...dataDir],
      env,
    );
    expect(other).toMatchObject({ code: 0, stderr: expect.stringContaining('A job is held') });
    expect(other.stderr).toContain(`npx spillway cancel ${id} --data-dir 'my data'`);
    const service = await startMain(['--data-dir', at('my data'), '--sweep-every', '0.2'], env);
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`${service.url}${path}`, { method, headers: { 'x-api-key': 'local' } });
      return (await response.json()) as Record<string, unknown>;
    };
    const before = await ask(`/jobs/${id}`);
    expect(before).toMatchObject({ status: 'running', held: true });
    expect(await ask(`/jobs/${id}?wait=4`)).toMatchObject({
      held: true,
      processedItems: before.processedItems,
    });
    expect(Number(before.processedItems)).toBeGreaterThanOrEqual(done);

    // Who needs the directory is told where the service is.
    const taken = await spillway(directory.path, ['list', ...dataDir]);
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`--endpoint ${service.url} --api-key local`),
    });
    await service.kill();

    // By the command that it suggested, then by the same run at another pace and with another output.
    const resumed = start(directory.path, pasted(other.stderr, 'resume'), env);
    await resumed.says(/items/);
    resumed.child.kill('SIGINT');
    const interrupted = await resumed.ended;
    expect(interrupted).toMatchObject({
      code: 130,
      stderr: expect.stringContaining(`npx spillway resume ${id}`),
    });
    expect(await spillway(directory.path, ['watch', id, ...dataDir], env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is held since .*\(JOB_HELD\)\n {2}To go on: npx spillway resume /),
    });
    const args = [
      'run',
      'echo',
      '--input',
      'slow.csv',
      '--set',
      'delayMs=0',
      '--max-workers',
      '1',
      ...dataDir,
    ];
    const last = await spillway(directory.path, [...args, '--output', 'other/name.csv.gz'], env);
    expect(last, last.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining(`${id}: continues`) });
    expect(existsSync(at('out.csv'))).toBe(false);
    const again = await spillway(directory.path, [...args, '--output', 'out.csv'], env);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
    expect(readRows(at('out.csv'))).toEqual(rowsOf(3_000));
  });
});

it('a run that has ended and a list start no cloud', async () => {
  const run = ['run', 'echo', '--input', 'two.csv', '--output', 'ended/out.csv', '--data-dir', 'ended-data'];
  const first = await spillway(directory.path, run);
  expect(first.code).toBe(0);
  // A cloud would need a port; there is none to be had.
  const none = { SPILLWAY_SESSION: '', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'x' };
  const [second, list] = [
    await spillway(directory.path, run, none),
    await spillway(directory.path, ['list', '--data-dir', 'ended-data'], none),
  ];
  expect(second).toMatchObject({ code: 0, stdout: first.stdout });
  expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining(idIn(first.stdout)) });
  writeRows(at('two.csv'), 3);
  expect((await spillway(directory.path, run)).stdout).not.toContain(idIn(first.stdout));
});

it('says in plain words what is wrong with a data directory or a file', async () => {
  const held = openDataDir(at('locked'));
  const [locked, file, config, version] = await Promise.all([
    spillway(directory.path, ['results', 'job_1', '--data-dir', 'locked']),
    spillway(directory.path, ['results', 'job_1', '--data-dir', 'slow.csv']),
    spillway(directory.path, ['run', 'echo', '--input', 'two.csv', '--output', 'o.csv', '--config', '.']),
    spillway(directory.path, ['--version']),
  ]);
  held.release();
  expect(locked).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/uses the data directory .*locked/),
  });
  expect(file).toMatchObject({ code: 1, stderr: expect.stringContaining('there is a file of that name') });
  expect(config).toMatchObject({ code: 2, stderr: expect.stringContaining('it is a folder') });
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});
