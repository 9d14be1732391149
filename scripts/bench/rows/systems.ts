import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../child.ts';
import { withRedis } from '../redis.ts';
import type { File } from './file.ts';
import { watchMemory } from './memory.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const python = '/usr/bin/python3';

/** Seconds from the submission to the finished file. */
export interface Timed {
  seconds: number;
  output: string;
  [more: string]: number | string;
}

/** Reader and writer alone. */
export async function inOnePass(file: File): Promise<Timed> {
  const output = join(dirname(file.path), 'limit.csv');
  return { seconds: await runNode('one-pass.ts', file.path, output), output };
}

/** `spillway run echo`, with the embedded cloud and as many workers as there are cores, in a directory of its own. */
export async function spillway(file: File): Promise<Timed> {
  const directory = dirname(file.path);
  const output = join(directory, 'spillway.csv');
  const dataDir = await mkdtemp(join(directory, 'data-'));
  const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
  const args = ['--input', file.path, '--output', output, '--data-dir', dataDir, '--json'];
  const child = startChild(process.execPath, [main, 'run', 'echo', ...args]);
  const memory = watchMemory(child.process.pid);
  try {
    const job = JSON.parse(await child.output) as { createdAt: string; finishedAt: string };
    const seconds = (Date.parse(job.finishedAt) - Date.parse(job.createdAt)) / 1000;
    return { seconds, output, ...memory.stop() };
  } finally {
    memory.stop();
    await child.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A job for each row, added in bulk while a worker takes them, 100 at a time. */
export function bullmq(file: File): Promise<Timed> {
  const output = join(dirname(file.path), 'bullmq.csv');
  return withRedis(async (port) => ({
    seconds: await runNode('bullmq.ts', String(port), file.path, output),
    output,
  }));
}

/** A task for each row, sent in groups while two worker processes take them. */
export function celery(file: File): Promise<Timed> {
  const output = join(dirname(file.path), 'celery.csv');
  return withRedis(async (port) => {
    const env = { BENCH_REDIS: `redis://127.0.0.1:${port}/0`, PYTHONDONTWRITEBYTECODE: '1' };
    const pool = ['--pool', 'prefork', '--concurrency', '2', '--prefetch-multiplier', '0'];
    const worker = startChild(python, [here('celery_rows.py'), 'worker', ...pool, '--loglevel', 'error'], {
      env,
    });
    const client = startChild(python, [here('celery_rows.py'), 'client', file.path, output], { env });
    try {
      const died = worker.output.then((told) =>
        Promise.reject(new Error(`The Celery worker ended: ${told}`)),
      );
      return { seconds: Number(await Promise.race([client.output, died])), output };
    } finally {
      await client.stop();
      await worker.stop();
    }
  });
}

/** Runs a program that prints how many seconds it took. */
async function runNode(program: string, ...args: string[]): Promise<number> {
  return Number(await startChild(process.execPath, [here(program), ...args]).output);
}
