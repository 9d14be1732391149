import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, temporaryDirectory } from './harness.ts';

/** Runs `npm start` with these options, in a directory of its own. */
function run(args: readonly string[], env: Record<string, string> = {}) {
  const main = join(import.meta.dirname, '../../src/local/main.ts');
  const child = spawn(process.execPath, [main, ...args], {
    cwd: temporaryDirectory(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exited, output: () => output };
}

it('serves until Ctrl+C, keeping keys to itself', async () => {
  const { child, exited, output } = run(['--port', '0'], { SPILLWAY_API_KEYS: 'me:secret' });
  await eventually('the banner', () => output().includes('Ctrl+C'));
  const url = /http:\/\/\S+/.exec(output())?.[0] ?? '';
  expect(output()).not.toContain('secret');
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  child.kill('SIGINT');
  expect(await exited).toBe(0);
});

it('stops at once at a second Ctrl+C', async () => {
  const { child, exited, output } = run(['--port', '0']);
  await eventually('the banner', () => output().includes('Ctrl+C stops'));
  child.kill('SIGINT');
  await eventually('the answer', () => output().includes('Stopping'));
  child.kill('SIGINT');
  expect(await exited).toBe(130);
});

it('--help says what the options do', async () => {
  const { exited, output } = run(['--help']);
  expect(await exited).toBe(0);
  for (const option of ['--port', '--data-dir', '--workers', '--api-timeout', 'SPILLWAY_API_KEYS']) {
    expect(output()).toContain(option);
  }
});

it.each([
  [['--port', 'http'], /--port <number>.*must be a whole number from 0 to 65535/],
  [['--workers', '0'], /--workers <number>.*must be a whole number from 1/],
  [['--api-timeout', '31'], /--api-timeout <seconds>.*from 1 to 30/],
  [['--sweep-every', ''], /--sweep-every <seconds>/],
  [['--prot', '1'], /unknown option '--prot'/],
  [['extra'], /too many arguments/],
])('refuses %j', async (args, message) => {
  const { exited, output } = run(args);
  expect(await exited).toBe(2);
  expect(output()).toMatch(message);
});

it('says so when the port is taken', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  onTestFinished(() => void squatter.close());
  const address = squatter.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const { exited, output } = run(['--port', port]);
  expect(await exited).toBe(1);
  expect(output()).toContain(`Port ${port} is in use`);
});

it('says in one line which server cannot be used', async () => {
  const began = Date.now();
  const { exited, output } = run(['--port', '0'], {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'me',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  expect(await exited).toBe(1);
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(output()).toMatch(
    /^S3 at http:\/\/127.0.0.1:1 \(AWS_ENDPOINT_URL\) cannot be reached: .*ECONNREFUSED.*\n$/,
  );
});

it('says so when keys are malformed', async () => {
  const { exited, output } = run(['--port', '0'], { SPILLWAY_API_KEYS: 'secret' });
  expect(await exited).toBe(1);
  expect(output()).toContain('entry 1 is not of the form tenant:key');
});
