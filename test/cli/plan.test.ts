import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchDir } from '../service/harness.ts';
import { spillway } from './command.ts';
import { writeRows } from './files.ts';

let directory: Awaited<ReturnType<typeof scratchDir>>;

beforeAll(async () => {
  directory = await scratchDir();
  writeRows(join(directory.path, 'rows.csv'), 12_345);
  const upstreams = [{ name: 'shop', callsPerItem: 1, bytesIn: 100, bytesOut: 100, latencyMs: 50 }];
  const figures = { sliceSize: 100, slots: 10, itemMs: { typical: 100 }, upstreams };
  writeFileSync(join(directory.path, 'figures.json'), JSON.stringify(figures));
});
afterAll(() => directory?.remove());

const plan = (...args: string[]) => spillway(directory.path, ['plan', ...args]);
const withFigures = ['--figures', 'figures.json'];

it('forecasts a run over a file', async () => {
  const { code, stdout } = await plan(...withFigures, '--input', 'rows.csv');
  expect(code).toBe(0);
  expect(stdout).toContain('12,345 items in 124 slices');
});

it('writes the letter to an upstream', async () => {
  const letter = [...withFigures, '--items', '2000', '--letter'];
  const [from, to] = [
    ['--from', 'Ann', '--contact', 'ann@acme.example'],
    ['--starts-at', '2026-12-01T03:00:00+01:00', '--workers', '5'],
  ];
  const { stdout } = await plan(...letter, 'shop', ...from, ...to);
  expect(stdout).toContain('Subject: About 2,000 requests to shop, 2026-12-01 02:00 UTC');
  expect(stdout).toContain('from 5 workers');
  expect(stdout).toMatch(/write to ann@acme\.example.*Ann\nann@acme\.example\n$/s);
  expect(await plan(...letter, 'mall')).toMatchObject({
    code: 1,
    stderr: "error: The plan has no upstream 'mall'; it has: shop (UPSTREAM_UNKNOWN)\n",
  });
});

it('says which figures are missing', async () => {
  const missing = expect.stringMatching(/items: .*\(PLAN_INVALID\)/);
  expect(await plan(...withFigures)).toMatchObject({ code: 1, stderr: missing });
  expect(await plan('echo')).toMatchObject({ code: 2, stderr: expect.stringContaining('--items <n>') });
});

it('knows what a workload takes; figures say it better', async () => {
  const args = ['echo', '--input', 'rows.csv', '--set', 'delayMs=50'];
  const [known, better] = await Promise.all([plan(...args), plan(...args, ...withFigures)]);
  expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining('echo: 12,345 items in 2 slices') });
  expect(known.stdout).toContain('takes the 50 ms');
  expect(better.stdout).toContain('echo: 12,345 items in 124 slices');
  expect(better.stdout).toContain('Load on shop');
});
