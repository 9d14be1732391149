import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/engine/clock.ts';
import { until } from '../../src/local/until.ts';
import { temporaryDirectory } from './harness.ts';

/** `npm start` in a process group of its own. Resolves once it serves, to its port. */
async function npmStart() {
  const child = spawn('npm', ['start', '--', '--port', '0', '--data-dir', temporaryDirectory()], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // All of it has ended, as it should.
    }
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk;
    });
  }
  await until(systemClock, 120, 'the banner', () => said.includes('Ctrl+C stops'));
  return { child, port: Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]), said: () => said };
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

it.each<[string, (pid: number) => void]>([
  ['to npm', (pid) => process.kill(pid, 'SIGTERM')],
  ['to the process group', (pid) => process.kill(-pid, 'SIGTERM')],
  ['to npm, which cannot pass on SIGKILL', (pid) => process.kill(pid, 'SIGKILL')],
])('a signal %s ends the service, and its port is free', async (_, end) => {
  const { child, port, said } = await npmStart();
  expect(await isFree(port)).toBe(false);
  end(child.pid ?? 0);
  await until(systemClock, 60, 'the end', () => isFree(port));
  // In order, not at once.
  await until(systemClock, 15, 'its last words', () =>
    said().includes('Stopping: answers and running slices'),
  );
});

it('an interruption of the script alone ends its command in order', async () => {
  const command =
    "process.on('SIGTERM', () => process.exit(143)); setInterval(() => {}, 1000); console.log('up')";
  const child = spawn(process.execPath, ['scripts/with-setup.mjs', 'node', '-e', command], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
});
