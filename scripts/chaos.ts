/**
 * `npm run chaos`: a file of 200,000 rows goes through `npx spillway run echo` while 20 workers and, three times, the
 * command with all that it has started are killed (`kill -9`) at random moments. Fails unless every row comes out once,
 * unchanged and in its place. A row takes 5 ms, so that the kills hit the work and not its last slice alone. `--seed`
 * repeats the rows and the moments, as far as these are a matter of chance.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chaos } from './chaos/run.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    'worker-kills': { type: 'string', default: '20' },
    'service-kills': { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'delay-ms': { type: 'string', default: '5' },
    keep: { type: 'boolean', default: false },
  },
});
const directory = await mkdtemp(join(tmpdir(), 'spillway-chaos-'));
const startedAt = performance.now();
console.log(`seed ${values.seed}, ${Number(values.rows).toLocaleString('en-US')} rows, in ${directory}`);
try {
  const problems = await chaos({
    directory,
    rows: Number(values.rows),
    workerKills: Number(values['worker-kills']),
    serviceKills: Number(values['service-kills']),
    delayMs: Number(values['delay-ms']),
    seed: Number(values.seed),
    command: ['npx', '--no-install', 'spillway'],
    log: console.log,
  });
  for (const problem of problems) console.error(`✗ ${problem}`);
  const took = ((performance.now() - startedAt) / 1000).toFixed(0);
  if (problems.length === 0) console.log(`✓ every row once, unchanged, in its place; ${took} s`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  if (!values.keep) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
