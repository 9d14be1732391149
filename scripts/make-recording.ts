/**
 * Makes docs/recording.md: runs the `spillway` command on a file of 10,000 rows, stops it half way as Ctrl+C does, gives
 * the same command again, and notes all that it says and when.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

const rows = 10_000;
const command = 'npx spillway run echo --input rows.csv --output results.csv --set delayMs=50';
const target = join(import.meta.dirname, '../docs/recording.md');
const bin = join(import.meta.dirname, 'spillway.mjs');

const directory = await mkdtemp(join(tmpdir(), 'spillway-recording-'));
try {
  const lines = Array.from({ length: rows }, (_, n) => `City ${n},${n},${n % 4_000 === 7}`);
  await writeFile(join(directory, 'rows.csv'), `city,n,fail\r\n${lines.join('\r\n')}\r\n`);
  const first = await record(new RegExp(`^([\\d,]+)/${rows.toLocaleString('en-US')} items`));
  const second = await record();
  const output = await readFile(join(directory, 'results.csv'), 'utf8');
  const errors = await readFile(join(directory, 'results.errors.csv'), 'utf8');
  const numbers = output
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((row) => Number(row.split(',')[1]));
  if (numbers.some((n, at) => n !== at)) throw new Error('The output is not in order');
  const shown = (text: string, count: number) => text.split('\r\n').slice(0, count).join('\n');
  await writeFile(
    target,
    `# A run, stopped and resumed

Made by \`node scripts/make-recording.ts\` from one real run on ${availableParallelism()} CPUs (load before it: ${loadavg()[0]?.toFixed(1)}). The column on
the left is seconds since the command was given. \`rows.csv\` has ${rows.toLocaleString('en-US')} rows; \`echo\` gives each one back after 50 ms
and fails those that say \`fail\`. This is what a log sees: on a terminal, the lines with counts are one moving bar.

\`\`\`console
$ ${command}
${first}

$ ${command}
${second}

$ head -3 results.csv
${shown(output, 3)}
$ cat results.errors.csv
${shown(errors, 9).trimEnd()}
\`\`\`

After Ctrl+C workers get two seconds to finish what they have begun; the second run does the rest. The output has all
${numbers.length.toLocaleString('en-US')} rows in the order of the input, the failed ones with the reason after their own columns. The exit codes are 130
for the first run and 3 for the second: finished, with failures.
`,
  );
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** What the command says, line by line. Stopped when it says `until` of at least half of the rows. */
async function record(until?: RegExp): Promise<string> {
  const child = spawn(process.execPath, [bin, ...command.split(' ').slice(2)], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const startedAt = performance.now();
  const said: string[] = [];
  let stopped = false;
  const hear = (chunk: Buffer) => {
    const at = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
    for (const line of chunk.toString().split('\n')) {
      if (line !== '') said.push(`${at}  ${line}`);
      const done = Number(until?.exec(line)?.[1]?.replaceAll(',', ''));
      if (stopped || !(done >= rows * 0.4)) continue;
      stopped = true;
      said.push(`${at}  ^C`);
      // To all processes of the command, as a terminal does it.
      process.kill(-(child.pid ?? 0), 'SIGINT');
    }
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const [code] = await once(child, 'close');
  said.push(`        (exit code ${code})`);
  return said.join('\n');
}
