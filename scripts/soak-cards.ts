/**
 * `npm run soak:cards`: 200,000 users through the command line into an XLSX file, with Ctrl+C after a quarter and
 * `kill -9` after half of them. The stand-in for the API goes 300 times as fast (`--time-scale`). Prints the resident
 * memory of each process over time; fails unless each user is in the file once, in order, with a card.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import readSheets from 'read-excel-file/node';
import { usersCsv } from '../src/local/demo/recommend-cards/users.ts';
import { openStandIns } from '../src/local/stand-ins.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '200000' },
    'time-scale': { type: 'string', default: '0.0033' },
    'max-workers': { type: 'string', default: '20' },
    /** Seconds between two looks at the memory. */
    every: { type: 'string', default: '10' },
  },
});
const users = Number(values.users);
const every = Number(values.every) * 1000;

const directory = await mkdtemp(join(tmpdir(), 'spillway-soak-'));
const standIns = await openStandIns(
  {},
  {
    timeScale: Number(values['time-scale']),
    overrides: { cards: { limits: { requests: null }, capacity: null } },
  },
);
const config = JSON.parse(readFileSync('events/recommend-cards/real_config.json', 'utf8'));
config.processing.max_workers = Number(values['max-workers']);
await writeFile(join(directory, 'real_config.json'), JSON.stringify(config));
await writeFile(join(directory, 'users.csv'), usersCsv(users));

/** Runs the command until it ends, or until so many users are done; then sends the signal. */
async function run(until?: { users: number; signal: NodeJS.Signals }): Promise<number | null> {
  const startedAt = performance.now();
  const args = ['run', 'recommend-cards', '--config', 'real_config.json'];
  const child = spawn(process.execPath, [resolve('src/cli/main.ts'), ...args], {
    cwd: directory,
    env: { ...process.env, ...standIns.environment, SPILLWAY_LEASE_SECONDS: '5' },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let done = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    for (const [, count] of String(chunk).matchAll(/^Progress: (\d+)\//gm)) done = Number(count);
    if (until && done >= until.users && child.signalCode === null) child.kill(until.signal);
  });
  const ended = once(child, 'close');
  const watching = watchMemory(
    child,
    () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s, ${done} users`,
  );
  const [code] = await ended;
  watching.stop();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`ended with ${code ?? child.signalCode} after ${seconds} s, ${done} users done`);
  return code;
}

function watchMemory(child: ChildProcess, now: () => string): { stop(): void } {
  const stop = new AbortController();
  const look = async () => {
    for (;;) {
      await pause(every, undefined, { signal: stop.signal });
      console.log(`${now()}: ${(await memoryOf(child.pid ?? 0)).join(', ')}`);
    }
  };
  look().catch(() => {}); // Ends by the signal.
  return { stop: () => stop.abort() };
}

/** `command 210 MB`, then each of its functions' processes, from Linux's /proc. */
async function memoryOf(pid: number): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir('/proc')) {
    const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
    const own = entry === String(pid);
    if (!own && !status.includes(`\nPPid:\t${pid}\n`)) continue;
    const mb = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
    const environment = own ? '' : await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    const name = own
      ? 'command'
      : (/AWS_LAMBDA_FUNCTION_NAME=[^\0]*?([A-Za-z]+)\0/.exec(environment)?.[1] ?? entry);
    found.push(`${name} ${mb} MB`);
  }
  return found.sort();
}

try {
  const first = await run({ users: users / 4, signal: 'SIGINT' });
  if (first !== 130) throw new Error(`Ctrl+C ended the command with ${first}`);
  await run({ users: users / 2, signal: 'SIGKILL' });
  const last = await run();
  if (last !== 0) throw new Error(`The last run ended with ${last}`);

  // Read by somebody else's reader.
  const [sheet] = await readSheets(join(directory, 'results.xlsx'));
  const [head = [], ...rows] = sheet?.data ?? [];
  const card = head.indexOf('best_card');
  const expected = usersCsv(users).trimEnd().split('\r\n').slice(1);
  const wrong = expected.findIndex(
    (row, n) => String(rows[n]?.[0]) !== row.split(',')[0] || !rows[n]?.[card],
  );
  const good = wrong < 0 && rows.length === users;
  console.log(
    good
      ? `all ${users} users are in results.xlsx once, in order, with a card`
      : `row ${wrong + 2} is wrong; ${rows.length} rows`,
  );
  process.exitCode = good ? 0 : 1;
} finally {
  await standIns.stop();
  await rm(directory, { recursive: true, force: true });
}
