import { expect, it } from 'vitest';
import { continueSlice } from '../../src/jobs/continue.ts';
import { buryDeadLetter } from '../../src/jobs/dead-letter.ts';
import { retry } from '../../src/jobs/retry.ts';
import type { Room } from '../../src/jobs/room.ts';
import { submitFile } from '../../src/jobs/submit-file.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { echo } from '../../src/workloads/echo/workload.ts';
import { drain, stateOf } from './asking.ts';
import { cloudOfFile, invocation, ShiftableClock } from './cloud.ts';

const cloud = await cloudOfFile();
const key = 'uploads/acme/cities.csv';
const content = 'city\r\nLisbon\r\nOslo\r\n';

async function submitted() {
  const clock = new ShiftableClock();
  const room = cloud.room(echo(), clock);
  await room.blobs.put(key, Buffer.from(content), 'text/csv');
  const file = { tenant: 'acme', workload: 'echo', options: { delayMs: 0 }, source: { key } };
  const times = { waitUntil: 0, goneAt: 0 };
  const { id } = await submitFile(room, { ...file, output: { format: 'csv', gzip: false } }, times);
  const output = async () => {
    const { job } = await stateOf(room, id);
    return (await room.blobs.get(job.files?.output ?? ''))?.toString('utf8');
  };
  return { clock, room, id, output };
}

it('files that cannot be stored for long are given up, and written by a retry', async () => {
  const { clock, room, id, output } = await submitted();
  const full: Room = {
    ...room,
    blobs: {
      ...room.blobs,
      put: (to, ...rest) =>
        to.endsWith('output.csv') ? Promise.reject(new Error('no space left')) : room.blobs.put(to, ...rest),
    },
  };
  let attempts = 0;
  while ((await stateOf(room, id)).job.status === 'running' && attempts < 50) {
    attempts += 1;
    await drain(cloud, full).catch(() => {});
    clock.shift(60_000);
    await sweep(full, clock.now() + 10_000);
  }
  // The last one finds that twenty have failed.
  expect(attempts).toBe(21);
  const { job } = await stateOf(room, id);
  expect(job).toMatchObject({ status: 'cancelled', error: { code: 'FILES_NOT_WRITTEN' }, succeeded: 2 });
  await retry(room, await stateOf(room, id));
  await drain(cloud, room);
  expect((await stateOf(room, id)).job).toMatchObject({ status: 'completed', succeeded: 2 });
  expect(await output()).toBe(content);
});

it('a job whose messages for reading and finishing end as dead letters goes on', async () => {
  const { clock, room, id, output } = await submitted();
  const bury = async (sliceId: string) => {
    await cloud.receive();
    await buryDeadLetter(room, 'deadLetter', { jobId: id, sliceId });
    clock.shift(60_000);
    await sweep(room, clock.now() + 10_000);
  };
  await bury('plan');
  for (const sliceId of ['plan', '000000']) {
    await continueSlice(room, invocation(clock), { jobId: id, sliceId });
  }
  await bury('finish-0');
  await drain(cloud, room);
  expect((await stateOf(room, id)).job).toMatchObject({ status: 'completed', succeeded: 2, failed: 0 });
  expect(await output()).toBe(content);
});
