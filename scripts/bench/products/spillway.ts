import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobView } from '../../../src/client/contract.ts';
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
    const call = async <Body>(path: string, body?: unknown): Promise<Body> => {
      const headers = { 'x-api-key': 'local', 'content-type': 'application/json' };
      const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const response = await fetch(`${service.url}${path}`, { headers, ...request });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Body;
    };
    await untilEnded(call, { workload: 'echo', source: { items: warmUp }, options: { delayMs: 50 } });
    const about = { name: 'products.csv', contentType: 'text/csv', bytes: Buffer.byteLength(file) };
    const { uploads } = await call<{ uploads: [{ key: string; url: string }] }>('/uploads', {
      files: [about],
    });
    const [{ key, url }] = uploads;
    await fetch(url, { method: 'PUT', headers: { 'content-type': about.contentType }, body: file });
    const startedAt = performance.now();
    const submission = { workload: 'analyze-products', source: { key }, output: { format: 'jsonl' } };
    const job = await untilEnded(call, submission);
    const seconds = (performance.now() - startedAt) / 1000;
    const headers = { 'x-api-key': 'local' };
    const output = await fetch(`${service.url}/jobs/${job.jobId}/output`, { headers });
    const rows = (await output.text()).trim().split('\n');
    return { seconds, profits: rows.map((row) => Number(JSON.parse(row).profit)) };
  } finally {
    await service.stop();
    removeDir();
  }
}

async function untilEnded(call: <Body>(path: string, body?: unknown) => Promise<Body>, submission: object) {
  let job = await call<JobView>('/jobs', submission);
  while (job.status === 'running') job = await call<JobView>(`/jobs/${job.jobId}?wait=20`);
  return job;
}
