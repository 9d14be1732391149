import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import readSheets from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countingLines } from '../../src/cli/progress.ts';
import type { JobView } from '../../src/client/contract.ts';
import { usersCsv } from '../../src/local/demo/recommend-cards/users.ts';
import { type Sandbox, startSandbox } from '../../src/stand-ins/sandbox.ts';
import { scratchDir } from '../service/harness.ts';
import { bodyTemplate, configOf, responseFields } from '../workloads/recommend-cards/cards.ts';
import { spillway, start } from './command.ts';

const users = 500;
let directory: Awaited<ReturnType<typeof scratchDir>>;
let sandbox: Sandbox;

beforeAll(async () => {
  directory = await scratchDir();
  sandbox = await startSandbox({ timeScale: 0.05 });
  writeFileSync(join(directory.path, 'people.csv'), usersCsv(users));
  const api = { body_template: { ...bodyTemplate, spending: { dining: '{{dining:number=0}}' } } };
  const config = {
    ...configOf('sandbox://cards/recommendations', { max_workers: 20 }, api),
    input: { file: 'people.csv', id_column: 'user_id' },
    output: 'cards.xlsx',
  };
  writeFileSync(join(directory.path, 'real_config.json'), JSON.stringify(config));
});
afterAll(async () => {
  await sandbox?.stop();
  await directory?.remove();
});

describe('recommend-cards from one configuration file', () => {
  const run = ['run', 'recommend-cards', '--config', 'real_config.json'];

  it('goes on after Ctrl+C by the same command, with each user once in the XLSX', async () => {
    const env = { SPILLWAY_SANDBOX_URL: sandbox.url, SPILLWAY_LEASE_SECONDS: '3' };
    const stopped = start(directory.path, run, env);
    await stopped.says(/Progress: 100\/500 users processed \(20\.0%\)\n/);
    stopped.child.kill('SIGINT');
    expect((await stopped.ended).code).toBe(130);

    const last = await spillway(directory.path, run, env);
    expect(last).toMatchObject({ code: 0, stdout: expect.stringContaining('500 succeeded') });
    const [sheet] = await readSheets(join(directory.path, 'cards.xlsx'));
    const [head, ...rows] = sheet?.data ?? [];
    expect(head).toEqual([
      'user_id',
      'dining',
      'groceries',
      'travel',
      'fuel',
      ...Object.keys(responseFields),
      'simulated',
    ]);
    const expected = usersCsv(users).trimEnd().split('\r\n').slice(1);
    expect(rows.map(([id]) => id)).toEqual(expected.map((row) => row.split(',')[0]));
    expect(rows.every((row) => typeof row.at(-2) === 'number' && row.at(-1) === true)).toBe(true);
    // What was under way at Ctrl+C, and what was answered but not yet recorded, was asked for again; nothing else.
    const [stats] = sandbox.stats();
    expect(stats?.calls).toBeLessThan(users + 250);
    expect(stats?.peakInFlight).toBeLessThanOrEqual(20);
  });

  it('is what the forecast is made of, too', async () => {
    const { code, stdout } = await spillway(directory.path, ['plan', ...run.slice(1), '--letter', 'cards']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('About 500 requests to cards')]);
  });

  it('says what it lacks', async () => {
    writeFileSync(join(directory.path, 'bad.json'), '{"api": {}, "speed": 1}');
    const bad = await spillway(directory.path, [...run.slice(0, 2), '--config', 'bad.json']);
    expect(bad).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/bad\.json: Configuration: .*speed/),
    });
  });
});

it('progress is told for each hundred, and not again after a pause', () => {
  const lines = countingLines({ unit: 'users', every: 100 });
  const told = (processedItems: number, totalItems: number, planning?: true) =>
    lines({ processedItems, totalItems, planning } as JobView);
  expect(told(20, 1_000, true)).toEqual([]);
  expect(told(120, 2_000, true)).toEqual(['Progress: 100/2000+ users processed']);
  expect(told(305, 200_000)).toEqual([
    'Progress: 200/200000 users processed (0.1%)',
    'Progress: 300/200000 users processed (0.1%)',
  ]);
  expect(told(305, 200_000)).toEqual([]);
  expect(told(1_000, 200_000).at(-1)).toBe('Progress: 1000/200000 users processed (0.5%)');
});
