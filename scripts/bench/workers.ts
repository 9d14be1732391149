import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { awsClients } from '../../src/aws/clients.ts';
import { sleep, systemClock } from '../../src/core/engine/clock.ts';
import { continueSlice } from '../../src/core/jobs/continue.ts';
import type { Job } from '../../src/core/jobs/model/job.ts';
import type { JobsContext } from '../../src/core/jobs/model/jobs-context.ts';
import type { Log, Metrics } from '../../src/core/jobs/model/ports.ts';
import type { SliceRef } from '../../src/core/jobs/model/slice.ts';
import { submitFile } from '../../src/core/jobs/submit-file.ts';
import { startCloud } from '../../src/local/cloud.ts';
import { loadConfig } from '../../src/local/config.ts';
import { openDataDir } from '../../src/local/data-dir.ts';
import { openService } from '../../src/service.ts';
import { readSettings } from '../../src/settings.ts';
import { atExit } from './at-exit.ts';

/** Workers of a service without its processes: each has clients, caches and limits of its own, and takes a slice at a time. */
export interface Workers {
  /** Has a file worked through. Resolves to the job as it ended, and the time from its submission to its finished output. */
  run(workload: string, file: string, options: unknown): Promise<{ job: Job; seconds: number }>;
  read(key: string): Promise<string>;
  stop(): Promise<void>;
}

export interface WorkersOptions {
  workers: number;
  /** Settings of the functions: `SPILLWAY_…`, keys of accounts. */
  env: Record<string, string>;
}

/** A worker's budget, in milliseconds, as continueJob has it. */
const budgetMs = 295_000;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const uncounted: Metrics = { count: () => {}, milliseconds: () => {}, percent: () => {} };
const source = 'uploads/bench/input.csv';

/** On the embedded cloud, whose servers have threads of their own, in an empty temporary directory. */
export async function startWorkers({ workers, env }: WorkersOptions): Promise<Workers> {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  const remove = atExit(() => rmSync(directory, { recursive: true, force: true }));
  const dataDir = openDataDir(directory);
  const { region, resources, functions } = loadConfig();
  const onFailure = (error: Error) => {
    throw error;
  };
  const cloud = await startCloud({ dataDir, region, resources, env: {}, onFailure });
  // The service reads its endpoints from there; the next bench has a cloud of its own.
  const before = { ...process.env };
  Object.assign(process.env, cloud.environment);
  const own = Object.entries(functions.get('continueJob')?.environment ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : cloud.queueUrl(value.queueUrlOf),
  ]);
  const settings = readSettings({
    ...Object.fromEntries(own),
    SPILLWAY_MAX_WORKERS: String(workers),
    ...env,
  });
  const { sqs } = awsClients(cloud.environment);
  const rooms = Array.from({ length: workers }, () => openService(settings, silent, uncounted));
  const [first] = rooms;
  if (first === undefined) throw new RangeError('There must be a worker');
  const QueueUrl = settings.SPILLWAY_SLICE_QUEUE_URL;
  const stopping = new AbortController();

  const work = async (jobs: JobsContext): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 1 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        const invocation = {
          ...{ ranOn: 'bench', stopAt: Date.now() + budgetMs },
          ...{ slots: (concurrency: number) => concurrency, memoryBytes: () => 0 },
        };
        await continueSlice(jobs, invocation, JSON.parse(Body) as SliceRef);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };
  const working = rooms.map(work);

  return {
    async run(workload, file, options) {
      await first.blobs.put(source, file, 'text/csv');
      const startedAt = performance.now();
      const parsed = first.workloads.get(workload)?.options.parse(options);
      const submission = { tenant: 'bench', workload, options: parsed, source: { key: source } };
      const { id } = await submitFile(
        first,
        { ...submission, output: { format: 'csv' } },
        { waitUntil: 0, goneAt: 0 },
      );
      for (;;) {
        const job = await first.ledger.job(id);
        if (job && job.status !== 'running') return { job, seconds: (performance.now() - startedAt) / 1000 };
        await sleep(systemClock, 100);
      }
    },
    read: async (key) => (await first.blobs.get(key))?.toString() ?? '',
    async stop() {
      stopping.abort();
      await Promise.all(working);
      sqs.destroy();
      process.env = before;
      await cloud.stop();
      dataDir.release();
      remove();
    },
  };
}
