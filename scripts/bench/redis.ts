import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';
import { startChild, works } from './child.ts';

export function redisMissing(): string | undefined {
  return works('redis-server', ['--version']) ? undefined : 'redis-server is not installed';
}

/** A Redis of its own for `use`, on a free port, in memory only. */
export async function withRedis<T>(use: (port: number) => Promise<T>): Promise<T> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'spillway-redis-'));
  const removeDir = atExit(() => rmSync(dir, { recursive: true, force: true }));
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const redis = startChild('redis-server', args);
  const ready = new Promise<void>((resolve) => {
    redis.process.stdout?.on('data', (chunk) => {
      if (String(chunk).includes('Ready to accept connections')) resolve();
    });
  });
  try {
    await Promise.race([ready, redis.output]);
    return await use(port);
  } finally {
    await redis.stop();
    removeDir();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
