import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFailed } from 'vitest';
import { conformanceWith } from '../openapi/conformance.ts';
import { Client, eventually, scratchDir } from '../service/harness.ts';
import { allServices, Deployment, tenantKey } from './deployment.ts';
import { type Ministack, startMinistack } from './ministack.ts';
import { pythonTools } from './python-tools.ts';

const { service } = inject('packed');
const tools = await pythonTools('deploying to an emulated AWS');

/** What `events/photos` shows, each of two sides at least. */
const things = ['mug', 'lamp', 'bag', 'book', 'chair', 'kettle', 'toy', 'watch'];
const photo = (name: string) => readFileSync(join('events/photos', `${name}.jpg`));
const inline = (name: string) => ({ base64: photo(name).toString('base64') });
const options = { outputFormat: 'webp', maxDimension: 200 };

/** Outputs that are for osls itself. */
const ownOutputs = ['HttpApiId', 'ServerlessDeploymentBucketName'];

/** Uploads a file as a browser would. Returns its key. */
async function upload(client: Client, name: string, contentType: string, content: Buffer): Promise<string> {
  const files = [{ name, contentType, bytes: content.length }];
  const { body } = await client.call('POST', '/uploads', { files });
  const [link] = body.uploads;
  if (!link) throw new Error(`No link: ${JSON.stringify(body)}`);
  const { status } = await fetch(link.url, {
    method: 'PUT',
    headers: link.headers,
    body: new Uint8Array(content),
  });
  expect(status).toBe(200);
  return link.key;
}

async function expectPicture({ url, width, height }: { url: string; width: number; height: number }) {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('image/webp');
  const metadata = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
  expect(metadata).toMatchObject({ format: 'webp', width, height });
}

// The functions' packages are for Linux. Those that stream are deployed but not called: MiniStack has no `awslambda`.
describe.skipIf(tools === undefined || process.platform !== 'linux')('osls deploy', () => {
  let directory: Awaited<ReturnType<typeof scratchDir>>;
  let ministack: Ministack;
  let deployment: Deployment;
  let client: Client;

  beforeAll(async () => {
    if (!tools) return;
    directory = await scratchDir();
    ministack = await startMinistack(tools, directory.path);
    deployment = await Deployment.create(ministack, join(directory.path, 'service'), service);
    const url = await deployment.url();
    client = new Client(url, tenantKey, await conformanceWith(url));
  });
  afterAll(async () => {
    await ministack?.stop();
    await directory?.remove();
  });

  const tellWhyItFailed = () =>
    onTestFailed(() => console.error(readFileSync(ministack.log, 'utf8').slice(-20_000)));

  it('leaves a service whose addresses osls info names as docs/operations.md does', async () => {
    expect((await deployment.servicesInUse()).toSorted()).toEqual(allServices.toSorted());
    const outputs = await deployment.outputs();
    expect(outputs).toMatchObject({
      HttpApiUrl: expect.stringMatching(/^https:\/\//),
      StreamEventsLambdaFunctionUrl: expect.stringMatching(/^https:\/\//),
      StreamAnswerLambdaFunctionUrl: expect.stringMatching(/^https:\/\//),
      BucketName: expect.stringMatching(/^spillway-emulated-bucket-/),
      SliceQueueUrl: expect.stringMatching(/\/spillway-emulated-slices$/),
      DeadLetterQueueUrl: expect.stringMatching(/\/spillway-emulated-dead-letters$/),
    });
    const document = readFileSync('docs/operations.md', 'utf8');
    const named = (name: string) => ownOutputs.includes(name) || document.includes(`\`${name}\``);
    expect(Object.keys(outputs).filter((name) => !named(name))).toEqual([]);
  });

  it('deploys a template that cfn-lint finds no fault with', async () => {
    // W3005 is about dependencies that osls writes beside references that imply them.
    const template = join(service, '.serverless', 'cloudformation-template-update-stack.json');
    const args = ['--ignore-checks', 'W3005', '--', template];
    await promisify(execFile)(tools?.executable('cfn-lint') ?? '', args).catch(({ message, stdout }) => {
      throw new Error(`${message}${stdout}`);
    });
  });

  it('lets nobody in without a key', async () => {
    const { status, body } = await new Client(await deployment.url(), 'wrong').call('GET', '/jobs');
    expect([status, body.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it('answers at once with the products of inline photos', async () => {
    tellWhyItFailed();
    const mug = { productId: 'mug', images: [inline('mug-1')], metadata: { title: 'Mug' } };
    const { status, body } = await client.post([mug], {}, options);
    expect(status).toBe(200);
    expect(body.products).toMatchObject([{ productId: 'mug', status: 'created', ranOn: 'createProducts' }]);
    for (const picture of body.products.flatMap(({ images }) => images)) await expectPicture(picture);
  });

  it("continues over the queue what does not fit the caller's time", async () => {
    tellWhyItFailed();
    const groups = await Promise.all(
      things.map(async (thing, index) => ({
        productId: thing,
        images: [
          index < 2
            ? inline(`${thing}-1`)
            : { key: await upload(client, `${thing}.jpg`, 'image/jpeg', photo(`${thing}-1`)) },
          inline(`${thing}-2`),
        ],
        metadata: { title: thing },
      })),
    );
    const { status, body } = await client.post(groups, { prefer: 'wait=2' }, options);
    expect(status).toBe(202);
    expect(await client.ended(body.jobId)).toMatchObject({ status: 'completed', successCount: 8 });
    const products = await client.results(body.jobId);
    expect(products.map(({ productId }) => productId)).toEqual(things);
    expect(products.map(({ ranOn }) => ranOn)).toContain('continueJob');
    const pictures = products.flatMap(({ images }) => images);
    expect(pictures).toHaveLength(16);
    await Promise.all(pictures.map(expectPicture));
  });

  it('takes a file of 20,000 rows and gives it back in order', async () => {
    tellWhyItFailed();
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index},"row ${index}, quoted"`);
    const file = Buffer.from(`n,text\n${lines.join('\n')}\n`);
    const key = await upload(client, 'rows.csv', 'text/csv', file);
    const submitted = await client.call('POST', '/jobs', { workload: 'echo', source: { key } });
    expect(submitted.status).toBe(202);
    const { jobId } = submitted.body;
    expect(await client.ended(jobId)).toMatchObject({ status: 'completed', successCount: 20_000 });
    const output = await client.output(jobId);
    expect(output.trimEnd().split(/\r?\n/)).toEqual(['n,text', ...lines]);
  });

  it('cancels a job, and a retry does what was left', async () => {
    tellWhyItFailed();
    // A cold start of the function would let the job end meanwhile.
    expect((await client.call('POST', '/jobs/job_none/cancel')).status).toBe(404);
    const items = Array.from({ length: 20 }, (_, index) => ({ index, delayMs: 5_000 }));
    const source = { items };
    const submitted = await client.call(
      'POST',
      '/jobs',
      { workload: 'echo', source },
      { prefer: 'respond-async' },
    );
    const { jobId } = submitted.body;
    expect((await client.call('POST', `/jobs/${jobId}/cancel`)).status).toBe(200);
    expect(await client.ended(jobId)).toMatchObject({
      status: 'cancelled',
      successCount: 0,
      cancelledCount: 20,
    });
    // Until its workers have let go, a job that was cancelled cannot be run again.
    const again = await eventually(async () => {
      const reply = await client.call('POST', `/jobs/${jobId}/retry`);
      return reply.status === 409 ? undefined : reply;
    });
    expect(again.body).toMatchObject({ status: 'running' });
    expect(await client.ended(jobId)).toMatchObject({ status: 'completed', successCount: 20 });
  });

  it('is undone by osls remove, which leaves nothing', async () => {
    await deployment.remove();
    expect(await deployment.servicesInUse()).toEqual([]);
  });
});
