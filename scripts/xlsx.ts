/**
 * `npm run xlsx`: writes a workbook of 1,000,000 rows as a job's end does, in a process of its own, and reads it again,
 * with a library of somebody else and with ours, comparing every cell. Fails where any differs, or the writer needs 300 MB.
 * `--rows 1100000` goes on at a second sheet.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Step, steps } from './xlsx/steps.ts';

const writerLimitMb = 300;
const titles: Record<keyof typeof steps, string> = {
  write: 'written',
  readElsewhere: 'read by excelts',
  readHere: 'read by ours',
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string', default: '1000000' } },
});
const count = Number(values.rows);
const [step, path] = positionals;
if (step && path) await measure(step as keyof typeof steps, path);
else await all();

async function all(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'spillway-xlsx-'));
  try {
    for (const name of Object.keys(titles)) {
      const child = fork(import.meta.filename, [name, join(directory, 'rows.xlsx'), '--rows', values.rows]);
      const [code] = await once(child, 'exit');
      if (code === 0) continue;
      process.exitCode = 1;
      return;
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** One step, in a process of its own. */
async function measure(name: keyof typeof steps, file: string): Promise<void> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const run: Step = steps[name];
  const { rows, note } = await run(file, count);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  // In kilobytes.
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const sizeMb = Math.round((await stat(file)).size / 2 ** 20);
  const figures = [
    `${rows.toLocaleString('en-US')} rows`,
    `${seconds.toFixed(1)} s (CPU ${((user + system) / 1e6).toFixed(1)} s)`,
    `${Math.round(rows / seconds).toLocaleString('en-US')} rows/s`,
    `peak ${peakMb} MB`,
    ...(name === 'write' ? [`file ${sizeMb} MB`] : ['all cells the same']),
    ...(note ? [note] : []),
  ];
  console.log(`${titles[name].padEnd(16)} ${figures.join(' · ')}`);
  if (rows !== count) throw new Error(`${rows} rows instead of ${count}`);
  if (name === 'write' && peakMb >= writerLimitMb) throw new Error(`The writer needs ${peakMb} MB`);
}
