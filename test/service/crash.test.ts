import { setTimeout as pause } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../src/local/service.ts';
import type { ProductView } from '../../src/workloads/create-products/product-view.ts';
import { Client, cloudOf, eventually, group, sampleGroups, scratchDir } from './harness.ts';
import { startMain } from './main-process.ts';
import { type PhotoServer, startPhotoServer } from './photo-server.ts';

/** A vanished worker is noticed after two seconds here, not after a minute. */
const impatient = {
  SPILLWAY_LEASE_SECONDS: '2',
  SPILLWAY_ALLOW_HTTP: 'true',
  SPILLWAY_ALLOW_ADDRESSES: '127.0.0.1/32',
};

const nodeOptions = ['--import', new URL('./kill-on-photo.mjs', import.meta.url).href];

let photos: PhotoServer;
let data: Awaited<ReturnType<typeof scratchDir>>;
let service: Service | undefined;

beforeAll(async () => {
  photos = await startPhotoServer();
});
afterAll(() => photos?.stop());
afterEach(async () => {
  await service?.stop();
  service = undefined;
  await data?.remove();
});

async function open(more: Partial<Parameters<typeof startService>[0]> = {}) {
  data = await scratchDir();
  service = await startService({
    dataDir: data.path,
    port: 0,
    samples: true,
    sweepEvery: 1,
    workers: 2,
    env: impatient,
    ...more,
  });
  return { service, client: new Client(service.url) };
}

/** Every group has exactly one outcome, and every created product is in the catalog exactly once. */
async function expectEachOnce(running: Service, results: ProductView[], count: number) {
  expect(results.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
  const created = results.flatMap(({ catalogId }) => (catalogId === undefined ? [] : [catalogId]));
  expect(new Set(created).size).toBe(created.length);
  expect((await cloudOf(running).products()).map(({ catalogId }) => catalogId).sort()).toEqual(
    created.sort(),
  );
}

const async = { prefer: 'respond-async' };
/** Milliseconds: another file's services may want the same two cores. */
const patience = 100_000;

describe('kill -9', () => {
  it('of a worker loses nothing', async () => {
    const { service, client } = await open();
    const { body } = await client.post(sampleGroups(8), async);
    await eventually(async () => {
      const { processedItems } = (await client.call('GET', `/jobs/${body.jobId}`)).body;
      return processedItems >= 2 ? true : undefined;
    }, patience);
    const victims = service.pids('continueJob');
    expect(victims.length).toBeGreaterThan(0);
    for (const pid of victims) process.kill(pid, 'SIGKILL');
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
    const asking = client.post(sampleGroups(7), headers);
    await eventually(
      async () => ((await cloudOf(service).products()).length > 0 ? true : undefined),
      patience,
    );
    for (const pid of service.pids('createProducts')) process.kill(pid, 'SIGKILL');
    const broken = await asking;
    expect(broken.status).toBe(500);
    expect(broken.headers.get('content-type')).toBe('application/problem+json');

    const again = await client.post(sampleGroups(7), headers);
    expect([200, 202]).toContain(again.status);
    expect(await client.ended(again.body.jobId)).toMatchObject({ status: 'completed', successCount: 7 });
    await expectEachOnce(service, await client.results(again.body.jobId), 7);
  });

  it('of the whole service loses nothing: a restart on the same data goes on', async () => {
    data = await scratchDir();
    const args = ['--data-dir', data.path, '--workers', '2', '--sweep-every', '1'];
    const first = await startMain(args, impatient);
    const { body } = await new Client(first.url).post(sampleGroups(8), async);
    await eventually(async () => {
      const { processedItems } = (await new Client(first.url).call('GET', `/jobs/${body.jobId}`)).body;
      return processedItems >= 3 ? true : undefined;
    }, patience);
    await first.kill();

    service = await startService({
      dataDir: data.path,
      port: 0,
      samples: true,
      sweepEvery: 1,
      workers: 2,
      env: impatient,
    });
    const client = new Client(service.url);
    const before = (await client.call('GET', `/jobs/${body.jobId}`)).body;
    expect(before.processedItems).toBeGreaterThanOrEqual(3);
    expect(await client.ended(body.jobId)).toMatchObject({ status: 'completed', successCount: 8 });
    await expectEachOnce(service, await client.results(body.jobId), 8);
  });
});

describe('delivery', () => {
  it('isolates a group whose photo kills the process', async () => {
    const { service, client } = await open({ nodeOptions });
    const groups = sampleGroups(6);
    groups[3] = group([{ url: photos.url('/kill-process.jpg') }], { productId: 'killer' });
    const { body } = await client.post(groups, async);
    expect(await client.ended(body.jobId)).toMatchObject({
      status: 'partial',
      successCount: 5,
      errorCount: 1,
    });
    const results = await client.results(body.jobId);
    expect(results[3]).toMatchObject({ status: 'failed', error: { code: 'WORKER_DIED', retryable: false } });
    await expectEachOnce(service, results, 6);
  });

  it('of the same message many times changes nothing', async () => {
    const { service, client } = await open();
    const { sqs } = cloudOf(service);
    const { body } = await client.post(sampleGroups(5), async);
    const pointer = { jobId: body.jobId, sliceId: '000000' };
    for (let copy = 0; copy < 6; copy += 1) {
      const QueueUrl = service.queueUrl('SliceQueue');
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(pointer) }));
    }
    expect(await client.ended(body.jobId)).toMatchObject({ status: 'completed', successCount: 5 });
    const results = await client.results(body.jobId);
    expect(results.every(({ attempts }) => attempts === 1)).toBe(true);
    await expectEachOnce(service, results, 5);
  });

  it('of a dead letter ends its job with a reason', async () => {
    const died = Promise.withResolvers<void>();
    const { service, client } = await open({
      nodeOptions,
      // No sweeper comes to the slice's help: only its dead letter is left.
      sweepEvery: 3_600,
      onInvocation: ({ ended }) => {
        if (ended?.errorType === 'Runtime.ExitError') died.resolve();
      },
    });
    const groups = [group([{ url: photos.url('/kill-process.jpg') }]), ...sampleGroups(2)];
    const { body } = await client.post(groups, async);
    await died.promise;
    // The dead worker's lease has to run out: as long as it might live, its slice is left alone.
    await pause(1_000 * (1 + Number(impatient.SPILLWAY_LEASE_SECONDS)));
    const MessageBody = JSON.stringify({ jobId: body.jobId, sliceId: '000000' });
    const QueueUrl = service.queueUrl('DeadLetterQueue');
    await cloudOf(service).sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    expect((await client.ended(body.jobId)).pendingCount).toBe(0);
    expect((await client.results(body.jobId))[0]).toMatchObject({
      error: { code: 'NOT_DELIVERED', retryable: true },
      ranOn: 'deadLetter',
    });
  });
});
