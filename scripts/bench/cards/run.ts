import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, openClient } from '../../../src/client/client.ts';
import type { JobView } from '../../../src/client/contract.ts';
import { usersCsv } from '../../../src/local/demo/recommend-cards/users.ts';
import { startService } from '../../../src/local/service.ts';
import { openStandIns } from '../../../src/local/stand-ins.ts';
import type { CallRecord, OperationStats, SandboxOptions } from '../../../src/stand-ins/sandbox.ts';
import { cardConfig } from '../../../src/workloads/recommend-cards/config-file.ts';

export interface CardRun {
  /** From the first call's arrival to the last answer. */
  seconds: number;
  calls: number;
  /** Most calls under way at the same time, as the API saw it. */
  peak: number;
  /** Of all calls, those that were refused or failed. */
  errorsPercent: number;
  /** Every user is in the output once, in order, with a card. */
  checked: boolean;
  /** Answers a second from so many milliseconds after the first call until the last one came in. */
  rateAfter(ms: number): number;
}

interface Setup {
  users: number;
  maxWorkers: number;
  sandbox: SandboxOptions;
}

const configFile = new URL('../../../events/recommend-cards/real_config.json', import.meta.url);

/** Sends a file of users through a service of its own, with two worker processes, to a stand-in of its own. */
export async function runCards({ users, maxWorkers, sandbox }: Setup): Promise<CardRun> {
  const dataDir = await mkdtemp(join(tmpdir(), 'spillway-bench-'));
  const standIns = await openStandIns({}, sandbox);
  const service = await startService({
    ...{ dataDir, port: 0, workers: 2, sweepEvery: 5 },
    env: { ...standIns.environment, SPILLWAY_WARM_UP: 'false' },
  });
  try {
    const client = openClient({ endpoint: service.url, key: 'local' });
    const key = await client.upload({ name: 'users.csv', contentType: 'text/csv', content: usersCsv(users) });
    const { options } = cardConfig.read(JSON.parse(await readFile(configFile, 'utf8')));
    const processing = { max_workers: maxWorkers, max_error_rate: 0.5 };
    const source = { key };
    const request = { workload: 'recommend-cards', source, options: { ...options, processing } };
    let job: JobView = (await client.createJob(request)).body;
    for await (const view of client.follow(job, 20)) job = view;

    const checked = job.status === 'completed' && (await inOrder(client, job.jobId, users));
    const control = `${standIns.environment.SPILLWAY_SANDBOX_URL}/__sandbox`;
    const { calls } = (await (await fetch(`${control}/log?api=cards`)).json()) as { calls: CallRecord[] };
    const { operations } = (await (await fetch(`${control}/stats`)).json()) as {
      operations: OperationStats[];
    };
    return { checked, peak: operations[0]?.peakInFlight ?? Number.NaN, ...timesOf(calls) };
  } finally {
    await service.stop();
    await standIns.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function inOrder(client: Client, jobId: string, users: number): Promise<boolean> {
  const output = await client.download(await client.getOutput(jobId), (response) => response.text());
  const rows = output.trimEnd().split('\r\n').slice(1);
  const expected = usersCsv(users).trimEnd().split('\r\n').slice(1);
  return rows.length === users && expected.every((row, n) => rows[n]?.startsWith(`${row},`) === true);
}

function timesOf(calls: readonly CallRecord[]) {
  const first = calls[0]?.epochMs ?? Number.NaN;
  const ends = calls
    .filter(({ outcome }) => outcome === 'answered')
    .map(({ epochMs, durationMs = 0 }) => epochMs + durationMs - first);
  const last = ends.reduce((latest, end) => Math.max(latest, end), 0);
  const lastCall = (calls.at(-1)?.epochMs ?? first) - first;
  return {
    seconds: last / 1000,
    calls: ends.length,
    errorsPercent: (100 * (calls.length - ends.length)) / calls.length,
    rateAfter: (ms: number) =>
      (1000 * ends.filter((end) => end >= ms && end < lastCall).length) / (lastCall - ms),
  };
}
