import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scratchDir } from '../service/harness.ts';
import { spillway, start } from './command.ts';
import { readRows, rowsOf, writeRows } from './files.ts';

let directory: Awaited<ReturnType<typeof scratchDir>>;
const at = (name: string) => join(directory.path, name);

beforeEach(async () => {
  directory = await scratchDir();
});
afterEach(() => directory.remove());

const run = ['run', 'echo', '--input', 'rows.csv', '--output', 'results/out.csv'];
const jobIn = (text: string) => /job_\w+/.exec(text)?.[0];
/** Workers that are gone are noticed soon. */
const soon = { SPILLWAY_LEASE_SECONDS: '3' };

describe('run, on a service of its own', () => {
  it('works through a file, says what failed, and does not do it twice', async () => {
    writeRows(at('rows.csv'), 3_000, (n) => n % 1_000 === 7);
    const wrong = ['run', 'ecko', ...run.slice(2), '--data-dir', 'other'];
    const [first, misspelt] = await Promise.all([
      spillway(directory.path, run),
      spillway(directory.path, wrong),
    ]);
    expect(misspelt).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "echo"?') });
    expect(first).toMatchObject({ code: 3, stdout: expect.stringContaining('2,997 succeeded, 3 failed') });
    const output = readRows(at('results/out.csv'));
    expect(output).toHaveLength(3_000);
    for (const [n, row] of output.entries()) expect(row.startsWith(`City ${n},${n},`), row).toBe(true);
    expect(readRows(at('results/out.errors.csv')).map((row) => row.split(',').slice(0, 4))).toEqual(
      [7, 1_007, 2_007].map((n) => [`City ${n}`, `${n}`, 'true', 'TOLD_TO_FAIL']),
    );
    // Not a terminal: lines of a log, nothing that moves a cursor.
    expect(first.stderr).toMatch(/^job_\w+: submitted\n(reading the file\n)*([\d,]+\/[\d,]+\+? items.*\n)+$/);
    expect(first.stdout + first.stderr).not.toContain('\u001b');

    rmSync(at('results'), { recursive: true });
    const second = await spillway(directory.path, [...run, '--json']);
    expect(second.code).toBe(3);
    const summary = JSON.parse(second.stdout);
    expect(summary).toMatchObject({
      status: 'partial',
      totalItems: 3_000,
      successCount: 2_997,
      errorCount: 3,
      files: { output: 'results/out.csv', errors: 'results/out.errors.csv' },
    });
    expect(first.stdout).toContain(summary.jobId);
    expect(readRows(at('results/out.csv'))).toEqual(output);
    expect(readdirSync(at('results')).sort()).toEqual(['out.csv', 'out.errors.csv']);
  });

  it('goes on after kill -9 and after Ctrl+C, with each row once', async () => {
    writeRows(at('rows.csv'), 4_000);
    const slow = [...run, '--set', 'delayMs=40'];
    const killed = start(directory.path, slow, soon);
    await killed.says(/[1-9][\d,]*\/\d,000/);
    killed.child.kill('SIGKILL');
    expect((await killed.ended).code).toBe(null);

    const interrupted = start(directory.path, slow, soon);
    await interrupted.says(/continues\n/);
    interrupted.child.kill('SIGINT');
    expect(await interrupted.ended).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.stringMatching(/the same command continues where this one stopped\.\n$/),
    });
    expect(existsSync(at('results/out.csv'))).toBe(false);

    const last = await spillway(directory.path, slow, soon);
    expect(last).toMatchObject({ code: 0, stderr: expect.stringContaining('continues') });
    expect(readRows(at('results/out.csv'))).toEqual(rowsOf(4_000));
    const jobs = [(await interrupted.ended).stderr, (await killed.ended).stderr, last.stdout].map(jobIn);
    expect(new Set(jobs)).toEqual(new Set([jobs[0]]));

    const planned = await spillway(directory.path, ['plan', 'echo', '--items', '100000']);
    expect(planned.stdout).toMatch(
      /- an item takes 0\.0[34]\d* s .*: learned from \d+ items of earlier runs, in \.spillway/,
    );
    expect(planned.stdout).toMatch(/^this machine: \d+ .* 0 {2}/m);
  });

  it('takes files that are too large for one request', async () => {
    const city = 'x'.repeat(12_000);
    writeFileSync(
      at('rows.csv'),
      `city,n\r\n${Array.from({ length: 1_000 }, (_, n) => `${city},${n}\r\n`).join('')}`,
    );
    const { code, stderr } = await spillway(directory.path, [...run, '--max-workers', '1', '--verbose']);
    expect(code, stderr).toBe(0);
    // Its functions' logs come along, and tell how many workers there were.
    const workers = [...stderr.matchAll(/^\[continueJob\] REPORT .* Pid: (\d+) /gm)].map(([, pid]) => pid);
    expect(workers.length).toBeGreaterThan(1);
    expect(new Set(workers).size).toBe(1);
    expect(readRows(at('results/out.csv')).map((row) => row.slice(12_001))).toEqual(
      Array.from({ length: 1_000 }, (_, n) => String(n)),
    );
  });
});
