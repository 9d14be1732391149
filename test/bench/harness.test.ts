import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bench, Row } from '../../scripts/bench/bench.ts';
import { type Machine, thisMachine } from '../../scripts/bench/machine.ts';
import { checkPlaces, writeMarkdown } from '../../scripts/bench/markdown.ts';
import { asJson, table } from '../../scripts/bench/output.ts';
import { plot } from '../../scripts/bench/plot.ts';
import { complaints, runBenches } from '../../scripts/bench/run.ts';

const machine: Machine = { ...thisMachine(), cpu: 'Abacus', date: '2030-01-02T03:04:05.000Z' };

const row = (more: Partial<Omit<Row, 'bench'>> = {}): Omit<Row, 'bench'> => ({
  system: 'spillway',
  seconds: 1.5,
  items: 10,
  limitSeconds: 1,
  checked: true,
  extra: {},
  ...more,
});

const bench = (name: string, run: Bench['run']): Bench => ({ name, about: 'made up', run });

const measure = (...benches: Bench[]) => runBenches(benches, () => {});

/** The command's exit code and output. */
function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/bench/main.ts', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function file(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'spillway-bench-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'page.md'), text);
  return join(dir, 'page.md');
}

describe('npm run bench', () => {
  it('refuses an unknown bench and names those that exist', async () => {
    const { code, stdout, stderr } = await command('--only', 'latency,nope');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/There is no nope; there are .*latency, .*overhead/);
  });

  it('refuses an unknown option', async () => {
    expect((await command('--fast')).code).toBe(2);
  });

  it('takes the name of a group for all of its benches', async () => {
    const { code, stderr } = await command('--only', 'workloads', '--markdown', await file('# Empty\n'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/lacks the lines <!-- measured: \S+ -->/);
  });

  it('refuses, before it measures, a page without places for the figures', async () => {
    const { code, stderr } = await command('--only', 'overhead', '--markdown', await file('# Empty\n'));
    expect(code).toBe(2);
    expect(stderr).toContain('<!-- measured: overhead -->');
  });
});

describe('runBenches', () => {
  it('runs the others when one throws, and keeps what that one had measured', async () => {
    const outcome = await measure(
      bench('first', async (report) => {
        report.row(row());
        throw new Error('broken');
      }),
      bench('second', async (report) => report.row(row())),
    );
    expect(outcome.rows.map(({ bench }) => bench)).toEqual(['first', 'second']);
    expect(complaints(outcome)).toEqual(['first failed: Error: broken']);
  });

  it('complains of work that was not done', async () => {
    const outcome = await measure(
      bench('one', async (report) => {
        report.row(row());
        report.row(row({ system: 'lazy', checked: false }));
      }),
    );
    expect(complaints(outcome)).toEqual(['one: lazy did not do its work as it should']);
  });
});

describe('output', () => {
  const outcome = measure(
    bench('one', async (report) => {
      report.row(row({ system: 'limit', seconds: 1, extra: { case: '5 slots' } }));
      report.row(row({ extra: { case: '5 slots', bytesPerItem: 12_345 } }));
      report.row(row({ system: 'a < b', seconds: 3, extra: { case: '20 slots' } }));
      report.skip('absent', 'it is not installed');
    }),
  );

  it('as JSON has the machine and the rows, and nothing else', async () => {
    const printed = JSON.parse(asJson(machine, await outcome)) as Record<string, unknown>;
    expect(Object.keys(printed)).toEqual(['machine', 'rows']);
    expect(Object.keys(thisMachine())).toEqual(['cpu', 'cores', 'memoryGb', 'node', 'os', 'date']);
    expect(printed.rows).toContainEqual({
      bench: 'one',
      system: 'spillway',
      seconds: 1.5,
      items: 10,
      limitSeconds: 1,
      checked: true,
      extra: { case: '5 slots', bytesPerItem: 12_345 },
    });
  });

  it('as a table has a line for each row and each system that was skipped', async () => {
    const lines = table(await outcome).split('\n');
    expect(lines).toHaveLength(2 + 3 + 1);
    expect(lines[3]).toMatch(/^one, 5 slots +spillway +1\.500 +1\.50× +10 +yes +bytes per item: 12,345$/);
    expect(lines.at(-1)).toBe('one: absent was skipped: it is not installed');
  });

  it('as Markdown replaces the figures of its benches and leaves the rest alone', async () => {
    const other = '<!-- measured: two -->\nkept\n<!-- end: two -->\n';
    const page = await file(`before\n<!-- measured: one -->\nold\n<!-- end: one -->\n${other}`);
    await checkPlaces(page, ['one', 'two']);
    await writeMarkdown(page, machine, await outcome);
    await writeMarkdown(page, machine, await outcome);
    const text = await readFile(page, 'utf8');
    expect(text).not.toContain('old');
    expect(text.startsWith('before\n<!-- measured: one -->\nMeasured 2030-01-02, Abacus')).toBe(true);
    expect(text.endsWith(`<!-- end: one -->\n${other}`)).toBe(true);
    expect(text.match(/\| spillway \| 1\.500 \| 1\.50× \| 10 \| 12,345 \|/g)).toHaveLength(1);
    expect(text).toContain('Not measured: absent (it is not installed).');
  });

  it('as a plot has a bar for each system, but none for the limit itself', async () => {
    const svg = plot((await outcome).rows);
    expect(svg.match(/<rect/g)).toHaveLength(2);
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('3.00×');
  });
});
