import { resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { chaos } from '../../scripts/chaos/run.ts';
import { scratchDir } from '../service/harness.ts';

/** `npm run chaos` in small. What it waits for takes some seconds; on a busy machine it may take minutes. */
it('every row comes out once, unchanged and in its place, whatever is killed', async () => {
  const directory = await scratchDir();
  onTestFinished(() => directory.remove());
  const lines: string[] = [];
  const problems = await chaos({
    directory: directory.path,
    rows: 3_000,
    workerKills: 2,
    serviceKills: 1,
    seed: 5,
    command: [process.execPath, resolve('src/cli/main.ts')],
    delayMs: 10,
    // What the dead had in hand is given to others soon.
    env: { SPILLWAY_LEASE_SECONDS: '3' },
    log: (line) => lines.push(line),
  });
  expect(problems, lines.join('\n')).toEqual([]);
  expect(lines.filter((line) => line.includes('killed worker'))).toHaveLength(2);
  expect(lines.filter((line) => line.includes('killed the command'))).toHaveLength(1);
}, 400_000);
