import { setTimeout as pause } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { async, breakableServices, expectEachOnce, impatient, plain } from './breakable.ts';
import { cloudOf, group, sampleGroups } from './harness.ts';
import { type PhotoServer, startPhotoServer } from './photo-server.ts';

const nodeOptions = ['--import', new URL('./kill-on-photo.mjs', import.meta.url).href];

let photos: PhotoServer;
beforeAll(async () => {
  photos = await startPhotoServer();
});
afterAll(() => photos?.stop());

const { open } = breakableServices();

describe('delivery', () => {
  it('isolates a group whose photo kills the process', async () => {
    const { service, client } = await open({ nodeOptions });
    const groups = sampleGroups(6);
    groups[3] = group([{ url: photos.url('/kill-process.jpg') }], { productId: 'killer' });
    const { body } = await client.post(groups, async, plain);
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
    // A lease that outlasts a machine's pauses: a slice that somebody else takes over is worked on twice.
    const { service, client } = await open({ env: { ...impatient, SPILLWAY_LEASE_SECONDS: '30' } });
    const { sqs } = cloudOf(service);
    const { body } = await client.post(sampleGroups(5), async, plain);
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
    const swept = Promise.withResolvers<void>();
    const { service, client } = await open({
      nodeOptions,
      // No sweeper comes to the slice's help: only its dead letter is left.
      sweepEvery: 3_600,
      onInvocation: ({ functionName, ended }) => {
        if (ended?.errorType === 'Runtime.ExitError') died.resolve();
        if (ended && functionName === 'sweep') swept.resolve();
      },
    });
    // A service sweeps once after its start. That must not find the slice, however long it takes to start here.
    await swept.promise;
    const groups = [group([{ url: photos.url('/kill-process.jpg') }]), ...sampleGroups(2)];
    const { body } = await client.post(groups, async, plain);
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
