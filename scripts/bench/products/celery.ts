import { fileURLToPath } from 'node:url';
import { startChild, works } from '../child.ts';
import { pythonCommand } from '../latency/python.ts';
import { redisMissing, withRedis } from '../redis.ts';
import type { Run } from './run.ts';

/** As many worker processes as chunks: what the work was done with before. */
const chunks = 8;

export function celeryMissing(): string | undefined {
  return works(pythonCommand, ['-c', 'import celery, redis'])
    ? redisMissing()
    : 'the Python packages celery and redis are not installed';
}

/**
 * Celery on a Redis of its own, which also holds the limits: a call reserves its rate's next free moment, in one script.
 * Its spacing is that of Spillway's limiter, so that neither is refused and the two differ in what they do with a rate.
 */
export function runCelery({ asins, cost, sandboxUrl, intervals }: Run): Promise<Outcome> {
  return withRedis(async (port) => {
    const env = {
      BENCH_REDIS: `redis://127.0.0.1:${port}/0`,
      BENCH_SANDBOX: sandboxUrl,
      BENCH_INTERVALS: JSON.stringify(intervals),
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const pool = ['--pool', 'prefork', '--concurrency', String(chunks), '--prefetch-multiplier', '1'];
    const args = [program('celery_products.py'), 'worker', ...pool, '--loglevel', 'error'];
    const worker = startChild(pythonCommand, args, { env });
    const input = JSON.stringify({ asins, cost, chunks });
    const client = startChild(pythonCommand, [program('celery_run.py')], { env, input });
    try {
      const output = await Promise.race([
        client.output,
        worker.output.then((text) => Promise.reject(new Error(`The Celery worker ended: ${text}`))),
      ]);
      const { seconds, results } = JSON.parse(output) as { seconds: number; results: number[] };
      return { seconds, profits: results };
    } finally {
      await client.stop();
      await worker.stop();
    }
  });
}

/** What a run came to. */
export interface Outcome {
  /** Wall-clock time. */
  seconds: number;
  /** In the order of the products. */
  profits: number[];
}
