import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { sleep, systemClock } from '../../../src/core/engine/clock.ts';
import { cancel } from '../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import { submitFile } from '../../../src/core/jobs/submit-file.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { defineWorkload } from '../../../src/workloads/define.ts';
import { stateOf, upTo } from './asking.ts';
import { invocation } from './surroundings.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

/** Answers requests about the first `quick` rows at once, and the others never, until it is told to. */
async function slowServer(quick: number) {
  const startedAt: number[] = [];
  const seen = { answered: 0, aborted: 0, open: 0, slow: true };
  const server = createServer((request, response) => {
    startedAt.push(Date.now());
    if (!seen.slow || Number(request.url?.slice(1)) < quick) {
      seen.answered += 1;
      response.end('ok');
      return;
    }
    seen.open += 1;
    response.on('close', () => {
      seen.open -= 1;
      if (!response.writableEnded) seen.aborted += 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, startedAt, seen, stop: () => server.close() };
}

it('a cancelled job asks nobody anything any more, hangs up, keeps what it has, and can be resumed', async () => {
  const rows = 60;
  const server = await slowServer(15);
  const workload = defineWorkload<Record<string, string>, object, object>({
    name: 'asking',
    description: 'A workload for tests',
    item: z.record(z.string(), z.string()),
    options: z.object({}),
    limits: { concurrency: 4, sliceSize: 5, checkpointMs: 50, expectedMsPerUnit: 10 },
    weight: () => 1,
    run: async (row, { signal }) => ({
      ...row,
      said: await (await fetch(`${server.url}${row.n}`, { signal })).text(),
    }),
  });
  const jobs = world.jobs(workload);
  const key = 'uploads/acme/asking.csv';
  const text = upTo(rows)
    .map((n) => `${n}\r\n`)
    .join('');
  await jobs.blobs.put(key, `n\r\n${text}`, 'text/csv');
  const file = {
    tenant: 'acme',
    workload: 'asking',
    options: {},
    source: { key },
    output: { format: 'csv', gzip: false } as const,
  };
  const { id } = await submitFile(jobs, file, { waitUntil: 0, goneAt: 0 });

  let over = false;
  /** Three workers, as a queue feeds them. */
  const backlog: Awaited<ReturnType<typeof world.receive>> = [];
  const worker = async () => {
    while (!over) {
      if (backlog.length === 0) backlog.push(...(await world.receive()));
      const ref = backlog.shift();
      if (ref) await continueSlice(jobs, invocation(jobs.clock), ref);
      else await sleep(systemClock, 50);
    }
  };
  const until = async (holds: () => boolean | Promise<boolean>) => {
    while (!(await holds())) await sleep(systemClock, 20);
  };
  const ended = async () => !viewOf(await stateOf(jobs, id)).finishing;
  const workers = Promise.all([worker(), worker(), worker()]);

  await until(() => server.seen.open === 12);
  await cancel(jobs, await stateOf(jobs, id));
  const cancelledAt = Date.now();
  expect(viewOf(await stateOf(jobs, id))).toMatchObject({ status: 'cancelled', finishing: true });
  await until(() => server.seen.open === 0);
  // Workers look once a second; the rest is for a machine that is busy.
  expect(Date.now() - cancelledAt).toBeLessThan(10_000);
  expect(server.seen.aborted).toBe(12);
  await until(ended);
  await until(() => Date.now() > cancelledAt + 2_200);
  expect(server.startedAt.filter((at) => at > cancelledAt + 2_000)).toEqual([]);
  const done = server.seen.answered;
  expect(server.startedAt).toHaveLength(done + 12);

  const { job } = await stateOf(jobs, id);
  expect(viewOf(await stateOf(jobs, id))).toMatchObject({ successCount: done, cancelledCount: rows - done });
  const output = String(await jobs.blobs.get(job.files?.output ?? ''))
    .trim()
    .split('\r\n');
  expect(output).toHaveLength(rows + 1);
  expect(output.filter((line) => line.includes(',ok,'))).toHaveLength(done);
  expect(output.filter((line) => line.includes(',CANCELLED,'))).toHaveLength(rows - done);

  server.seen.slow = false;
  await retry(jobs, await stateOf(jobs, id));
  await until(async () => viewOf(await stateOf(jobs, id)).status !== 'running');
  over = true;
  await workers;
  expect(viewOf(await stateOf(jobs, id))).toMatchObject({ status: 'completed', successCount: rows });
  // Those that had succeeded were not asked about again.
  expect(server.startedAt).toHaveLength(12 + rows);
  server.stop();
});
