import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmptyCloud, startEmptyCloud } from './cloud.ts';
import { apiEvent, sqsEvent, storedEvent } from './events.ts';
import type { WireCall } from './lambda-runtime.ts';
import { type OwnFunctions, openFunctions } from './own-functions.ts';
import { functionNames, rightsOf, statementsOf } from './roles.ts';

/** Of a European seller: a product sold elsewhere is refused before anybody is called. */
const accounts = {
  ...{ LWA_CLIENT_ID: 'id', LWA_CLIENT_SECRET: 'secret', LWA_REFRESH_TOKEN: 'refresh' },
  ...{ SP_API_REGION: 'eu', KEEPA_API_KEY: 'key' },
};

let cloud: EmptyCloud;
let functions: OwnFunctions;

beforeAll(async () => {
  cloud = await startEmptyCloud(accounts);
  functions = openFunctions(cloud);
  await cloud.upload('mug-1.jpg');
});
afterAll(async () => {
  await functions?.stop();
  await cloud?.stop();
});

interface Result {
  statusCode?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Runs a function on an event, with exactly the environment that serverless.yml gives it. */
async function run(functionName: string, event: unknown) {
  const lambda = functions.of(functionName);
  const before = lambda.calls.length;
  const result = (await lambda.invoke(event)) as Result | null;
  return {
    calls: lambda.calls.slice(before),
    status: result?.statusCode,
    location: result?.headers?.location,
    body: result?.body === undefined ? undefined : bodyOf(result),
  };
}

const linesOf = (body: string) =>
  body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Streams and files are texts of lines, everything else is JSON. */
function bodyOf({ headers, body = '' }: Result) {
  return /event-stream|ndjson|csv/.test(headers?.['content-type'] ?? '') ? body : JSON.parse(body);
}

/** The right that AWS would ask for. Names of tables and queues do not show on the wire: those stay open. */
function neededFor({ method, path, target }: WireCall): RegExp {
  const [protocol, operation = ''] = target?.split('.') ?? [];
  if (protocol === 'DynamoDB_20120810') return new RegExp(`^dynamodb:${operation} \\w+$`);
  if (protocol === 'AmazonSQS') return new RegExp(`^sqs:${operation.replace(/Batch$/, '')} \\w+$`);
  if (method === 'POST' && path.includes('?delete')) return /^s3:DeleteObject Bucket\//;
  if (method === 'GET' && path.includes('list-type=2')) return /^s3:ListBucket Bucket$/;
  const folder = new URL(path, 'http://s3').pathname.split('/')[2] ?? '';
  return new RegExp(
    `^s3:${method === 'GET' || method === 'HEAD' ? 'GetObject' : 'PutObject'} Bucket/${folder}/\\*$`,
  );
}

function expectAllowed(functionName: string, calls: WireCall[]) {
  expect(calls.length).toBeGreaterThan(0);
  const rights = rightsOf(functionName);
  const forbidden = calls.filter((call) => !rights.some((right) => neededFor(call).test(right)));
  expect(forbidden).toEqual([]);
}

/** A link works only as far as the rights of the function that signed it. */
const linkCall = (method: string) => (url: string) => ({
  method,
  path: url.replace(/^https?:\/\/[^/]+/, ''),
});

const good = (productId: string) => ({
  productId,
  images: [{ key: 'uploads/local/mug-1.jpg' }],
  metadata: { title: productId },
});
/** Fails, so that what had been made of it is undone. */
const bad = (productId: string) => ({ ...good(productId), images: [{ key: 'uploads/local/absent.jpg' }] });

const request = (productGroups: unknown[], headers: Record<string, string> = {}) => {
  const event = apiEvent('create-products.apigw.json', { body: JSON.stringify({ productGroups }) });
  return { ...event, headers: { ...event.headers, ...headers } };
};
const about = (event: string, jobId: string) => apiEvent(event, { pathParameters: { id: jobId } });

describe('roles', () => {
  it('let every function do what it does in the life of a job', async () => {
    const submitted = await run(
      'createProducts',
      request(['a', 'b', 'c', 'd', 'e', 'f'].map(good), { prefer: 'respond-async' }),
    );
    expect(submitted.status).toBe(202);
    const { jobId } = submitted.body;
    expectAllowed('createProducts', submitted.calls);

    const continued = await run('continueJob', sqsEvent({ jobId, sliceId: '000000' }));
    expectAllowed('continueJob', continued.calls);

    const swept = await run('sweep', storedEvent('sweep.schedule.json'));
    expectAllowed('sweep', swept.calls);

    const buried = await run('deadLetter', sqsEvent({ jobId, sliceId: '000001' }, 'dead-letter.sqs.json'));
    expectAllowed('deadLetter', buried.calls);

    const seen = await run('getJob', about('get-job.apigw.json', jobId));
    expect(seen.body).toMatchObject({ status: 'partial', successCount: 5, errorCount: 1 });
    expectAllowed('getJob', seen.calls);

    const results = await run('getResults', about('get-results.apigw.json', jobId));
    const pictures = results.body.results.flatMap(({ images }: { images: { url: string }[] }) => images);
    expect(pictures).toHaveLength(5);
    const links = pictures.map(({ url }: { url: string }) => linkCall('GET')(url));
    expectAllowed('getResults', [...results.calls, ...links]);
  });

  it('let a request be answered at once, and undo what fails', async () => {
    const answered = await run(
      'createProducts',
      request([good('g'), bad('h')], { 'idempotency-key': 'once' }),
    );
    expect(answered.body).toMatchObject({ status: 'partial', successCount: 1, errorCount: 1 });
    const links = answered.body.products[0].images.map(({ url }: { url: string }) => linkCall('GET')(url));
    expectAllowed('createProducts', [...answered.calls, ...links]);
  });

  it('let products be read, changed, exported and deleted', async () => {
    const made = await run('createProducts', request([good('p')], { 'idempotency-key': 'products' }));
    const { catalogId } = made.body.products[0];
    const linked = (images: { url: string }[]) => images.map(({ url }) => linkCall('GET')(url));

    const listed = await run('listProducts', apiEvent('list-products.apigw.json'));
    const found = listed.body.products.find((one: { catalogId: string }) => one.catalogId === catalogId);
    expect(found.images).toHaveLength(1);
    expectAllowed('listProducts', [...listed.calls, ...linked(found.images)]);

    const seen = await run('getProduct', about('get-product.apigw.json', catalogId));
    expect(seen.body).toMatchObject({ catalogId, productId: 'p', metadata: { title: 'p' } });
    expectAllowed('getProduct', [...seen.calls, ...linked(seen.body.images)]);

    const changed = await run('updateProduct', about('update-product.apigw.json', catalogId));
    expect(changed.body).toMatchObject({ metadata: { title: 'p', price: '15.90' } });
    expectAllowed('updateProduct', [...changed.calls, ...linked(changed.body.images)]);

    const exported = await run('exportProducts', apiEvent('export-products.apigw.json'));
    expect(exported.body).toContain(',15.90,');
    const src = /https?:[^,]+products[^,]+/.exec(exported.body)?.[0] ?? '';
    expectAllowed('exportProducts', [...exported.calls, linkCall('GET')(src)]);

    const deleted = await run('deleteProduct', about('delete-product.apigw.json', catalogId));
    expect(deleted.status).toBe(204);
    expect(deleted.calls.map(({ method }) => method)).toContain('POST');
    expectAllowed('deleteProduct', deleted.calls);
    expect(await run('getProduct', about('get-product.apigw.json', catalogId))).toMatchObject({
      status: 404,
    });
  });

  it('let jobs of any workload be made, listed, run again and cancelled', async () => {
    const body = (items: unknown[]) => ({ body: JSON.stringify({ workload: 'echo', source: { items } }) });
    const made = await run('createJob', apiEvent('create-job.apigw.json', body([{ a: 1 }, { fail: true }])));
    expect(made.body).toMatchObject({
      status: 'partial',
      results: [{ output: { a: 1 } }, { status: 'failed' }],
    });
    expectAllowed('createJob', made.calls);

    const listed = await run('listJobs', apiEvent('list-jobs.apigw.json'));
    expect(listed.body.jobs[0]).toMatchObject({ jobId: made.body.jobId });
    expectAllowed('listJobs', listed.calls);

    const again = await run('retryJob', about('retry-job.apigw.json', made.body.jobId));
    expect(again.body).toMatchObject({ status: 'running', successCount: 1 });
    expectAllowed('retryJob', again.calls);
    const continued = await run('continueJob', sqsEvent({ jobId: made.body.jobId, sliceId: '000000.r1' }));
    expectAllowed('continueJob', continued.calls);

    const large = await run(
      'createJob',
      apiEvent('create-job.apigw.json', body(Array.from({ length: 101 }, () => ({})))),
    );
    expect(large.status).toBe(202);
    for (const [name, event, shown] of [
      ['holdJob', 'hold-job.apigw.json', { status: 'running', held: true }],
      ['resumeJob', 'resume-job.apigw.json', { status: 'running' }],
    ] as const) {
      const told = await run(name, about(event, large.body.jobId));
      expect(told.body).toMatchObject(shown);
      expectAllowed(name, told.calls);
    }
    const cancelled = await run('cancelJob', about('cancel-job.apigw.json', large.body.jobId));
    expect(cancelled.body).toMatchObject({ status: 'cancelled', cancelledCount: 101 });
    expectAllowed('cancelJob', cancelled.calls);
    const { jobId } = large.body;
    expectAllowed('continueJob', (await run('continueJob', sqsEvent({ jobId, sliceId: 'finish-0' }))).calls);
    const resumed = await run('retryJob', about('retry-job.apigw.json', jobId));
    expect(resumed.body).toMatchObject({ status: 'running', pendingCount: 101 });
    expectAllowed('retryJob', resumed.calls);
  });

  it('let a file go in and come out', async () => {
    const key = 'uploads/local/cities.csv';
    await cloud.jobs.blobs.put(key, 'city,n\r\nLisbon,1\r\n', 'text/csv');
    const body = { body: JSON.stringify({ workload: 'echo', source: { key } }) };
    const made = await run('createJob', apiEvent('create-job.apigw.json', body));
    expect(made.status).toBe(202);
    expectAllowed('createJob', made.calls);
    const { jobId } = made.body;
    for (const sliceId of ['plan', '000000', 'finish-0']) {
      expectAllowed('continueJob', (await run('continueJob', sqsEvent({ jobId, sliceId }))).calls);
    }
    const output = await run('getOutput', about('get-output.apigw.json', jobId));
    expect(output.status).toBe(302);
    expectAllowed('getOutput', [...output.calls, linkCall('GET')(output.location ?? '')]);
  });

  it('let a folder be listed, its files be read, and what is found in them be kept', async () => {
    const { blobs } = cloud.jobs;
    for (const name of ['a.md', 'b.txt', 'sub/c.txt']) {
      await blobs.put(`uploads/local/archive/${name}`, `The words of ${name}`, 'text/plain');
    }
    const made = await run('createJob', apiEvent('create-job-of-files.apigw.json'));
    expect(made.body).toMatchObject({ status: 'completed', totalItems: 3 });
    const { results } = made.body;
    const links = results.map(({ output }: { output: { text: { url: string } } }) =>
      linkCall('GET')(output.text.url),
    );
    expectAllowed('createJob', [...made.calls, ...links]);
    const later = await run(
      'createJob',
      apiEvent('create-job-of-files.apigw.json', {
        headers: { ...storedEvent('create-job-of-files.apigw.json').headers, prefer: 'respond-async' },
      }),
    );
    for (const sliceId of ['000000', 'finish-0']) {
      const { calls } = await run('continueJob', sqsEvent({ jobId: later.body.jobId, sliceId }));
      expectAllowed('continueJob', calls);
    }
    const seen = await run('getResults', about('get-results.apigw.json', later.body.jobId));
    expect(seen.body.results).toMatchObject([{}, {}, { output: { name: 'sub/c.txt', cached: true } }]);
    const seenLinks = seen.body.results.map(({ output }: { output: { text: { url: string } } }) =>
      linkCall('GET')(output.text.url),
    );
    expectAllowed('getResults', [...seen.calls, ...seenLinks]);
  });

  it('let answers be streamed', async () => {
    const answered = await run('streamAnswer', {
      ...apiEvent('stream-answer.url.json'),
      body: JSON.stringify({ productGroups: [good('s'), bad('t')] }),
    });
    expect([answered.status, answered.location]).toEqual([200, expect.stringMatching('^/jobs/job_')]);
    const lines = linesOf(answered.body);
    expect(lines.at(-1)).toMatchObject({ type: 'end', status: 'partial', successCount: 1, errorCount: 1 });
    const links = lines
      .flatMap(({ images = [] }: { images?: { url: string }[] }) => images)
      .map(({ url }: { url: string }) => linkCall('GET')(url));
    expect(links).toHaveLength(1);
    expectAllowed('streamAnswer', [...answered.calls, ...links]);

    const events = await run('streamEvents', {
      ...apiEvent('stream-events.url.json'),
      rawPath: `${answered.location}/events`,
    });
    expect(events.body).toContain('event: end');
    expectAllowed('streamEvents', events.calls);
  });

  it('let a streamed job see the accounts with other APIs', async () => {
    const { calls, body } = await run('streamAnswer', {
      ...apiEvent('stream-answer.url.json'),
      rawPath: '/jobs',
      body: JSON.stringify({
        workload: 'analyze-products',
        source: { items: [{ asin: 'B000000001', cost: 1, marketplace: 'US' }] },
      }),
    });
    expect(linesOf(body)).toMatchObject([
      { type: 'job' },
      { type: 'outcome', error: { code: 'MARKETPLACE_ELSEWHERE' } },
      { type: 'end', status: 'failed' },
    ]);
    expectAllowed('streamAnswer', calls);
  });

  it('let links to upload be given out', async () => {
    const { status, body } = await run('createUploads', apiEvent('create-uploads.apigw.json'));
    expect(status).toBe(201);
    expectAllowed(
      'createUploads',
      body.uploads.map(({ url }: { url: string }) => linkCall('PUT')(url)),
    );
  });

  it.each(functionNames)('of %s name actions and resources one by one', (name) => {
    for (const { Effect, Action, Resource } of statementsOf(name)) {
      expect(Effect).toBe('Allow');
      const actions = [Action].flat();
      expect(actions.join()).not.toContain('*');
      if (Resource === '*') expect(actions.every((action) => action.startsWith('xray:'))).toBe(true);
    }
  });

  it('keep those who only answer questions from changing anything', () => {
    const changing = /:(Put|Update|Delete|BatchWrite|Send)(?!TraceSegments|TelemetryRecords|LogEvents)/;
    for (const name of [
      'authorize',
      'getJob',
      'getResults',
      'streamEvents',
      'health',
      'getOpenapi',
      'listProducts',
      'getProduct',
      'exportProducts',
    ]) {
      expect(rightsOf(name).filter((right) => changing.test(right))).toEqual([]);
    }
  });
});
