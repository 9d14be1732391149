/** `bullmq.ts <redis port> <input> <output>`: a job for each row of a CSV file. Prints the seconds that it took. */
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Queue, Worker } from 'bullmq';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import type { Row } from '../../../src/core/formats/rows.ts';
import { writeRows } from '../../../src/core/formats/write-rows.ts';
import { columns } from './file.ts';

/** Rows added at a time, and at most so many are in the queue: it need not hold the file. */
const bulk = 1_000;
const mostWaiting = 10 * bulk;
const slots = 100;

const [port = '', input = '', output = ''] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(port) };
const queue = new Queue<{ index: number; row: Row }>('rows', { connection });
const worker = new Worker<{ index: number; row: Row }, Row>('rows', async ({ data }) => data.row, {
  connection,
  concurrency: slots,
});
await worker.waitUntilReady();

const done: Row[] = [];
let completed = 0;
let wake = () => {};
worker.on('completed', ({ data }, row) => {
  done[data.index] = row;
  completed += 1;
  wake();
});
worker.on('failed', (_job, error) => {
  throw error;
});
/** Resolves when no more than so many rows are not done yet. */
async function untilLeft(added: number, left: number): Promise<void> {
  while (added - completed > left) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

const startedAt = performance.now();
let added = 0;
const bytes = createReadStream(input, { highWaterMark: 2 ** 20 });
for await (const { rows } of openRows(bytes, { name: input, batchSize: bulk })) {
  const jobs = rows.map((row, offset) => ({
    name: 'row',
    data: { index: added + offset, row: row.value },
    opts: { removeOnComplete: true },
  }));
  await queue.addBulk(jobs);
  added += jobs.length;
  await untilLeft(added, mostWaiting - bulk);
}
await untilLeft(added, 0);
await pipeline(writeRows([done], { format: 'csv', columns: [...columns] }), createWriteStream(output));
console.log((performance.now() - startedAt) / 1000);
await worker.close();
await queue.close();
