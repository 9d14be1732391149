import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/engine/clock.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { submitFile } from '../../../../src/core/jobs/submit-file.ts';
import { sweep } from '../../../../src/core/jobs/sweep.ts';
import type { Workload } from '../../../../src/core/jobs/workload.ts';
import { echo } from '../../../../src/workloads/echo/workload.ts';
import { stateOf } from '../asking.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
const key = 'uploads/acme/wide.csv';

/** 70 rows of 300,000 characters that do not compress: 20 MB, in slices of 10 rows; every 20th fails. */
const wide = `n,text,fail\r\n${Array.from({ length: 70 }, (_, n) => `${n},${noise(n)},${n % 20 === 7}\r\n`).join('')}`;

function noise(seed: number): string {
  const block = createHash('sha512').update(String(seed)).digest('base64url');
  return Array.from({ length: 3_500 }, (_, n) => block.slice(n % 40) + block.slice(0, n % 40))
    .join('')
    .slice(0, 300_000);
}

function roomFor(workload: Partial<Workload>, clock = systemClock): JobsContext {
  const limits = { ...echo().limits, sliceSize: 10, checkpointMs: 0 };
  return world.jobs({ ...echo(), limits, ...workload }, clock);
}

/** Works until nothing is left; whoever puts the files together has no time but for one part. Returns how many did. */
async function drainHastily(jobs: JobsContext): Promise<number> {
  let finishers = 0;
  for (let refs = await world.receive(); refs.length > 0; refs = await world.receive()) {
    for (const ref of refs) {
      const finishing = ref.sliceId.startsWith('finish');
      if (finishing) finishers += 1;
      await continueSlice(jobs, invocation(jobs.clock, finishing ? 0 : 60_000), ref);
    }
  }
  return finishers;
}

async function submitted(jobs: JobsContext, gzip = false): Promise<string> {
  await jobs.blobs.write(
    key,
    (async function* () {
      for (let at = 0; at < wide.length; at += 2 ** 20) yield Buffer.from(wide.slice(at, at + 2 ** 20));
    })(),
    'text/csv',
  );
  const file = { tenant: 'acme', workload: 'echo', options: { delayMs: 0 }, source: { key } };
  return (await submitFile(jobs, { ...file, output: { format: 'csv', gzip } }, { waitUntil: 0, goneAt: 0 }))
    .id;
}

/** The output as it has to be. */
const expected = `n,text,fail,error_code,error_message\r\n${wide
  .split('\r\n')
  .slice(1, -1)
  .map((line) => `${line},${line.endsWith('true') ? 'TOLD_TO_FAIL,The item asks to fail' : ','}\r\n`)
  .join('')}`;

async function outputOf(
  jobs: JobsContext,
  id: string,
  file: 'output' | 'errors' = 'output',
): Promise<string> {
  const name = (await stateOf(jobs, id)).job.files?.[file] ?? '';
  return String(await jobs.blobs.get(name));
}

describe('a file that takes several workers to put together', () => {
  it('is handed on from part to part, and its summary counts each row once', async () => {
    const summary = () => {
      const seen: number[] = [];
      return { add: ({ index }: { index: number }) => void seen.push(index), result: () => seen };
    };
    const jobs = roomFor({ summary });
    const id = await submitted(jobs);
    expect(await drainHastily(jobs)).toBeGreaterThan(2);
    const { job } = await stateOf(jobs, id);
    expect(job.status).toBe('partial');
    expect((await outputOf(jobs, id)) === expected).toBe(true);
    const errors = (await outputOf(jobs, id, 'errors')).split('\r\n').slice(1, -1);
    expect(errors.map((line) => line.split(',')[0])).toEqual(['7', '27', '47', '67']);
    const seen = JSON.parse(String(await jobs.blobs.get(job.files?.summary ?? '')));
    expect(seen).toEqual(Array.from({ length: 70 }, (_, n) => n));
  });

  it('is gone on with where one that failed had got to, whatever it had stored besides', async () => {
    const clock = new ShiftableClock();
    const jobs = roomFor({}, clock);
    const parts: number[] = [];
    let failures = 1;
    const failing: JobsContext = {
      ...jobs,
      blobs: {
        ...jobs.blobs,
        async putPart(to, upload, tags, body) {
          parts.push(tags.length);
          const tag = await jobs.blobs.putPart(to, upload, tags, body);
          // The second part is stored, but nobody is told.
          if (tags.length === 1 && failures-- > 0) throw new Error('failed');
          return tag;
        },
      },
    };
    const id = await submitted(failing);
    await drainHastily(failing);
    clock.shift(60_000);
    await sweep(failing, clock.now() + 10_000);
    await drainHastily(failing);
    expect(parts.slice(0, 3)).toEqual([0, 1, 1]);
    expect((await outputOf(jobs, id)) === expected).toBe(true);
  });
});
