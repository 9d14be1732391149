import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../local/harness.ts';

function run(args: readonly string[]) {
  const main = join(import.meta.dirname, '../../src/stand-ins/main.ts');
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exited, output: () => output };
}

it('tells where each API is, and serves until Ctrl+C', async () => {
  const { child, exited, output } = run(['--port', '0', '--time-scale', '0.01']);
  await eventually('the banner', () => output().includes('Ctrl+C'));
  const url = /plain +(http:\S+)/.exec(output())?.[1];
  expect((await fetch(`${url}/items/a`)).status).toBe(200);
  expect(output()).toContain('sp-api');
  child.kill('SIGINT');
  expect(await exited).toBe(0);
});

it('refuses a wrong scale', async () => {
  const { exited, output } = run(['--time-scale', '0']);
  expect(await exited).toBe(2);
  expect(output()).toContain('from 0.001 to 1000');
});
