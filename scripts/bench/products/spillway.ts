import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, openClient } from '../../../src/client/client.ts';
import type { JobRequest, JobView } from '../../../src/client/contract.ts';
import { startService } from '../../../src/local/service.ts';
import { atExit } from '../at-exit.ts';
import type { Outcome } from './celery.ts';
import type { Run } from './run.ts';

/** Slices that are worked on at a time: they wait for their turns rather than compute. */
const workers = 4;
/** Keys that the machine may have must not be used. */
const noKeys = { KEEPA_API_KEY: '', LWA_CLIENT_ID: '', LWA_CLIENT_SECRET: '', LWA_REFRESH_TOKEN: '' };

/** A slice of echo for each worker: all of them are up before the clock starts. */
const warmUp = Array.from({ length: workers * 1_000 }, () => ({}));

/**
 * The whole service on this machine, as `npm start` runs it: a CSV file is uploaded, submitted, worked through and
 * fetched. The clock runs from the submission to the job's end, files and all.
 */
export async function runSpillway({ asins, cost, sandboxUrl, timeScale, settings }: Run): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  const removeDir = atExit(() => rmSync(dataDir, { recursive: true, force: true }));
  const service = await startService({
    dataDir,
    port: 0,
    workers,
    prewarm: 'all',
    stopGrace: 1,
    env: {
      ...noKeys,
      SPILLWAY_WARM_UP: 'false',
      ...settings,
      SPILLWAY_SANDBOX_URL: sandboxUrl,
      SPILLWAY_SANDBOX_TIME_SCALE: String(timeScale),
    },
  });
  try {
    await service.warm;
    const file = `asin,cost\n${asins.map((asin) => `${asin},${cost}\n`).join('')}`;
    const client = openClient({ endpoint: service.url, key: 'local' });
    await untilEnded(client, { workload: 'echo', source: { items: warmUp }, options: { delayMs: 50 } });
    const key = await client.upload({ name: 'products.csv', contentType: 'text/csv', content: file });
    const startedAt = performance.now();
    const output = { format: 'jsonl' } as const;
    const job = await untilEnded(client, { workload: 'analyze-products', source: { key }, output });
    const seconds = (performance.now() - startedAt) / 1000;
    const text = await client.download(await client.getOutput(job.jobId), (response) => response.text());
    const rows = text.trim().split('\n');
    return { seconds, profits: rows.map((row) => Number(JSON.parse(row).profit)) };
  } finally {
    await service.stop();
    removeDir();
  }
}

async function untilEnded(client: Client, request: JobRequest): Promise<JobView> {
  let job: JobView = (await client.createJob(request)).body;
  for await (const view of client.follow(job, 20)) job = view;
  return job;
}
