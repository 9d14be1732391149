import { fileURLToPath } from 'node:url';
import { startChild, works } from '../child.ts';
import { redisMissing, withRedis } from '../redis.ts';
import { pythonCommand, pythonInput, runPython } from './python.ts';
import type { System } from './system.ts';

/**
 * A Celery worker on a Redis of its own. All tasks wait in its queue when it starts to take them. Of its pools and
 * prefetch limits the fastest: processes, and no limit. With threads and 5 slots it took seven times the limit.
 */
export const celery: System = {
  name: 'Celery',
  missing: () =>
    works(pythonCommand, ['-c', 'import celery, redis'])
      ? redisMissing()
      : 'the Python packages celery and redis are not installed',
  run: (items, slots) =>
    withRedis(async (port) => {
      const env = { BENCH_REDIS: `redis://127.0.0.1:${port}/0`, PYTHONDONTWRITEBYTECODE: '1' };
      const app = fileURLToPath(new URL('celery_tasks.py', import.meta.url));
      const pool = ['--pool', 'prefork', '--concurrency', String(slots), '--prefetch-multiplier', '0'];
      const args = ['worker', ...pool, '--loglevel', 'error'];
      const worker = startChild(pythonCommand, [app, ...args], { env });
      try {
        return await Promise.race([
          runPython('celery_client.py', [], pythonInput(items, slots), env),
          worker.output.then((output) => Promise.reject(new Error(`The Celery worker ended: ${output}`))),
        ]);
      } finally {
        await worker.stop();
      }
    }),
};
