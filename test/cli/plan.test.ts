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

const plan = (...args: string[]) => spillway(directory.path, ['plan', '--figures', 'figures.json', ...args]);

it('forecasts a run over a file', async () => {
  const { code, stdout } = await plan('--input', 'rows.csv');
  expect(code).toBe(0);
  expect(stdout).toContain('12,345 items in 124 slices');
});

it('writes the letter to an upstream', async () => {
  const { stdout } = await plan('--items', '2000', '--letter', 'shop', '--from', 'Ann');
  expect(stdout).toContain('Subject: About 2,000 requests to shop');
  expect(await plan('--items', '2000', '--letter', 'mall')).toMatchObject({
    code: 1,
    stderr: "error: The plan has no upstream 'mall'; it has: shop (UPSTREAM_UNKNOWN)\n",
  });
});

it('says which figures are missing', async () => {
  expect(await plan()).toMatchObject({ code: 1, stderr: expect.stringMatching(/items: .*\(PLAN_INVALID\)/) });
});
