import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { async, breakableServices, expectEachOnce, impatient, plain } from './breakable.ts';
import { Client, cloudOf, eventually, group, sampleGroups } from './harness.ts';
import { startMain } from './main-process.ts';
import { type PhotoServer, startPhotoServer } from './photo-server.ts';

let photos: PhotoServer;
beforeAll(async () => {
  photos = await startPhotoServer();
});
beforeEach(() => photos.hold());
afterAll(() => photos?.stop());

const { folder, open } = breakableServices();

/** Milliseconds: another file's services may want the same two cores. */
const patience = 200_000;

/** Every second group takes until the photos are released: a kill before that hits work. */
const halfHeld = (count: number) =>
  sampleGroups(count).map((sample, at) =>
    at % 2 === 0 ? sample : group([{ url: photos.url('/held.jpg') }], { productId: `held-${at}` }),
  );

describe('kill -9', () => {
  it('of a worker loses nothing', async () => {
    const { service, client } = await open();
    const { body } = await client.post(halfHeld(8), async, plain);
    await eventually(async () => {
      const { processedItems } = (await client.call('GET', `/jobs/${body.jobId}`)).body;
      return processedItems >= 2 && photos.heldRequests() > 0 ? true : undefined;
    }, patience);
    const victims = service.pids('continueJob');
    expect(victims.length).toBeGreaterThan(0);
    for (const pid of victims) process.kill(pid, 'SIGKILL');
    photos.release();
    const ended = await client.ended(body.jobId);
    expect(ended).toMatchObject({ status: 'completed', successCount: 8, pendingCount: 0 });
    const results = await client.results(body.jobId);
    await expectEachOnce(service, results, 8);
    // Proof that the kill hit work: somebody had to go on where the victims stopped.
    expect(results.some(({ attempts }) => attempts > 1)).toBe(true);
  });

  it('of the function that answers loses nothing, and the same Idempotency-Key finds the job', async () => {
    const { service, client } = await open({ workers: 1 });
    const headers = { 'idempotency-key': 'order-7' };
    const groups = halfHeld(7);
    const asking = client.post(groups, headers, plain);
    await eventually(async () => {
      const created = (await cloudOf(service).products()).length;
      return created > 0 && photos.heldRequests() > 0 ? true : undefined;
    }, patience);
    for (const pid of service.pids('createProducts')) process.kill(pid, 'SIGKILL');
    photos.release();
    const broken = await asking;
    expect(broken.status).toBe(500);
    expect(broken.headers.get('content-type')).toBe('application/problem+json');

    const again = await client.post(groups, headers, plain);
    expect([200, 202]).toContain(again.status);
    expect(await client.ended(again.body.jobId)).toMatchObject({ status: 'completed', successCount: 7 });
    await expectEachOnce(service, await client.results(again.body.jobId), 7);
  });

  it('of the whole service loses nothing: a restart on the same data goes on', async () => {
    const args = ['--data-dir', await folder(), '--workers', '2', '--sweep-every', '1'];
    const first = await startMain(args, impatient);
    const { body } = await new Client(first.url).post(halfHeld(8), async, plain);
    await eventually(async () => {
      const { processedItems } = (await new Client(first.url).call('GET', `/jobs/${body.jobId}`)).body;
      return processedItems >= 3 && photos.heldRequests() > 0 ? true : undefined;
    }, patience);
    await first.kill();
    photos.release();

    const { service, client } = await open();
    const before = (await client.call('GET', `/jobs/${body.jobId}`)).body;
    expect(before.processedItems).toBeGreaterThanOrEqual(3);
    expect(await client.ended(body.jobId)).toMatchObject({ status: 'completed', successCount: 8 });
    await expectEachOnce(service, await client.results(body.jobId), 8);
  });
});
