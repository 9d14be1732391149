import { createRequire } from 'node:module';
import { redisMissing, withRedis } from '../redis.ts';
import { type Item, work } from './items.ts';
import type { System } from './system.ts';

/** A BullMQ worker on a Redis of its own. All jobs wait in the queue when the worker starts to take them. */
export const bullmq: System = {
  name: 'BullMQ',
  missing: () => driverMissing() ?? redisMissing(),
  run: (items, slots) =>
    withRedis(async (port) => {
      const { Queue, Worker } = await import('bullmq');
      const connection = { host: '127.0.0.1', port };
      const queue = new Queue<Item>('latency', { connection });
      const worker = new Worker<Item>('latency', ({ data }) => work(data), {
        connection,
        concurrency: slots,
        autorun: false,
      });
      try {
        await queue.addBulk(items.map((data) => ({ name: 'item', data })));
        await worker.waitUntilReady();
        const results: unknown[] = [];
        let completed = 0;
        const all = new Promise<void>((resolve, reject) => {
          worker.on('completed', ({ data }, value: unknown) => {
            results[data.index] = value;
            completed += 1;
            if (completed === items.length) resolve();
          });
          worker.on('failed', (_job, error) => reject(error));
          worker.on('error', reject);
        });
        const startedAt = performance.now();
        worker.run().catch(() => {}); // Reported as an `error` event.
        await all;
        return { seconds: (performance.now() - startedAt) / 1000, results };
      } finally {
        await worker.close();
        await queue.close();
      }
    }),
};

/** BullMQ leaves the choice of the Redis client to its user. */
function driverMissing(): string | undefined {
  try {
    createRequire(import.meta.url).resolve('ioredis');
    return undefined;
  } catch {
    return 'it needs the package ioredis, which is not installed';
  }
}
