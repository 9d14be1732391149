import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { submit } from '../../src/core/jobs/submit.ts';
import { pdf } from '../../src/local/demo/extract-files/documents/pdf.ts';
import { extractOptions } from '../../src/workloads/extract-files/schema.ts';
import { type EmptyCloud, startEmptyCloud } from './cloud.ts';
import { ownArchitecture } from './deployment.ts';
import { sqsEvent } from './events.ts';
import { startLambda } from './lambda.ts';
import { unzip } from './zip.ts';

describe.skipIf(process.platform !== 'linux')('the package of continueJob', () => {
  let directory: string;
  let cloud: EmptyCloud;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'spillway-artifact-'));
    // The package for this machine's own processor is the one that can be tried out here.
    await unzip(inject('packed').continueJob[ownArchitecture], join(directory, 'task'));
    cloud = await startEmptyCloud();
  });

  afterAll(async () => {
    await cloud?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('reads documents in threads of its own', async () => {
    await cloud.jobs.blobs.put(
      'uploads/local/report.pdf',
      await pdf('Report', [{ heading: 'Budget', text: 'The harbour board approved it.' }]),
      'application/pdf',
    );
    // Its characters can be read only with what lies beside the bundle.
    await cloud.jobs.blobs.put(
      'uploads/local/japanese.pdf',
      await readFile('test/workloads/extract-files/files/noembed-sjis.pdf'),
      'application/pdf',
    );
    const task = join(directory, 'task');
    const submission = {
      tenant: 'local',
      workload: 'extract-files',
      items: [{ key: 'uploads/local/report.pdf' }, { key: 'uploads/local/japanese.pdf' }],
      options: extractOptions.parse({}),
    };
    const times = { waitUntil: Date.now(), goneAt: Date.now() };
    const { jobId } = await submit(cloud.jobs, submission, 0, times);
    const lambda = startLambda({
      module: join(task, 'handlers/continue-job.mjs'),
      cwd: task,
      env: cloud.environmentOf('continueJob'),
    });
    try {
      await lambda.invoke(sqsEvent({ jobId, sliceId: '000000' }));
    } finally {
      await lambda.stop();
    }
    const text = await cloud.jobs.blobs.get(`jobs/${jobId}/texts/0.txt`);
    expect(text?.toString()).toBe('Budget\nThe harbour board approved it.');
    const japanese = await cloud.jobs.blobs.get(`jobs/${jobId}/texts/1.txt`);
    expect(japanese?.toString()).toBe('あいうえお');
  });

  it('creates products with nothing around it but Node', async () => {
    await cloud.upload('mug-1.jpg');
    const heic = await readFile('test/workloads/create-products/pictures/photos/turned.heic');
    const photo = await readFile('events/photos/lamp-1.jpg');
    const server = createServer((_, response) => response.end(photo)).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const items = [
      { productId: 'mug-1.jpg', images: [{ key: 'uploads/local/mug-1.jpg' }] },
      { productId: 'lamp-1.jpg', images: [{ url: `http://127.0.0.1:${port}/lamp-1.jpg` }] },
      { productId: 'phone.heic', images: [{ base64: heic.toString('base64') }] },
    ].map((group) => ({ ...group, metadata: { title: group.productId } }));
    const options = { outputFormat: 'webp', quality: 80, removeBackground: true, maxDimension: 400 };
    const times = { waitUntil: Date.now(), goneAt: Date.now() };
    const submission = { tenant: 'local', workload: 'create-products', items, options };
    const { jobId } = await submit(cloud.jobs, submission, 0, times);

    const task = join(directory, 'task');
    const lambda = startLambda({
      module: join(task, 'handlers/continue-job.mjs'),
      cwd: task,
      env: {
        ...cloud.environmentOf('continueJob'),
        SPILLWAY_ALLOW_HTTP: 'true',
        SPILLWAY_ALLOW_ADDRESSES: '127.0.0.1/32',
      },
    });
    try {
      expect(await lambda.invoke(sqsEvent({ jobId, sliceId: '000000' }))).toEqual({ batchItemFailures: [] });
    } finally {
      await lambda.stop();
    }

    expect(await cloud.jobs.ledger.job(jobId)).toMatchObject({ status: 'completed', succeeded: 3 });
    const { Items = [] } = await cloud.dynamo.send(new ScanCommand({ TableName: cloud.catalogTable }));
    expect(Items.map(({ productId }) => productId).sort()).toEqual(['lamp-1.jpg', 'mug-1.jpg', 'phone.heic']);
    for (const { images, productId } of Items) {
      const [{ key, subjectFound, width, height }] = images;
      if (productId === 'phone.heic') expect(height).toBeGreaterThan(width);
      else expect(subjectFound).toBe(true);
      const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: cloud.bucket, Key: key }));
      const picture = Buffer.from((await Body?.transformToByteArray()) ?? []);
      expect(picture.toString('latin1', 8, 12)).toBe('WEBP');
    }
  });
});
