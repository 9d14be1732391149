import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../src/local/cloud.ts';
import { openDataDir } from '../../src/local/data-dir.ts';
import { type Service, startService } from '../../src/local/service.ts';
import { randomFrom } from '../random.ts';
import { impatient, plain } from './breakable.ts';
import { manners, secretDetail, startFront } from './faulty-front.ts';
import {
  type AnyBody,
  Client,
  cloudOf,
  eventually,
  type Reply,
  sampleGroups,
  scratchDir,
} from './harness.ts';

const share = Number(process.env.FAULTS_SHARE ?? 0.1);
const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
console.info(`FAULTS_SEED=${seed}: ${share * 100}% of the calls to S3, SQS and DynamoDB fail`);

type Front = Awaited<ReturnType<typeof startFront>>;

let servers: Cloud;
let fronts: Record<'s3' | 'sqs' | 'dynamodb', Front>;
let service: Service;
let client: Client;
const folders: Awaited<ReturnType<typeof scratchDir>>[] = [];

beforeAll(async () => {
  const random = randomFrom(seed);
  folders.push(await scratchDir(), await scratchDir());
  const [own, other] = folders.map(({ path }) => path);
  servers = await startCloud({
    dataDir: openDataDir(own ?? ''),
    region: 'us-east-1',
    resources: new Map(),
    env: {},
    onFailure: (error) => {
      throw error;
    },
  });
  const front = (name: keyof typeof fronts) =>
    startFront({ target: servers.endpoints[name], service: name, share, random });
  fronts = { s3: await front('s3'), sqs: await front('sqs'), dynamodb: await front('dynamodb') };
  service = await startService({
    dataDir: other ?? '',
    port: 0,
    samples: true,
    sweepEvery: 1,
    workers: 2,
    env: {
      ...impatient,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_S3: fronts.s3.url,
      AWS_ENDPOINT_URL_SQS: fronts.sqs.url,
      AWS_ENDPOINT_URL_DYNAMODB: fronts.dynamodb.url,
    },
  });
  await service.warm;
  client = new Client(service.url);
  for (const one of Object.values(fronts)) one.arm();
});

afterAll(async () => {
  await service?.stop();
  for (const one of Object.values(fronts ?? {})) await one.stop();
  await servers?.stop();
  for (const folder of folders) await folder.remove();
  console.info('calls by manner', JSON.stringify(Object.values(fronts ?? {}).map(({ counts }) => counts)));
});

/** Sends a request again, as clients do, where the service says that it may be otherwise later. */
async function persistently(ask: () => Promise<Reply>): Promise<Reply> {
  return eventually(async () => {
    const reply = await ask();
    expect(JSON.stringify(reply.body)).not.toContain(secretDetail);
    const again = reply.status >= 500 || reply.body?.code === 'IDEMPOTENT_REQUEST_RUNNING';
    if (again) await pause(500);
    return again ? undefined : reply;
  }, 120_000);
}

/** Seen from behind the fronts. */
const products = () => cloudOf({ ...service, endpoints: servers.endpoints }).products();

let requests = 0;
const submit = async (path: string, body: unknown, more: Record<string, string> = {}): Promise<AnyBody> => {
  requests += 1;
  const headers = { 'idempotency-key': `request-${requests}`, ...more };
  const reply = await persistently(() => client.call('POST', path, body, headers));
  expect([200, 202], JSON.stringify(reply.body)).toContain(reply.status);
  return reply.body;
};
const ended = async (jobId: string): Promise<AnyBody> =>
  eventually(async () => {
    const { body } = await persistently(() => client.call('GET', `/jobs/${jobId}?wait=5`));
    return body.status === 'running' ? undefined : body;
  }, 280_000);
const resultsOf = async (jobId: string): Promise<AnyBody['results']> => {
  const found: AnyBody['results'] = [];
  for (let cursor = ''; ; ) {
    const path = `/jobs/${jobId}/results?limit=50${cursor && `&cursor=${cursor}`}`;
    const { body } = await persistently(() => client.call('GET', path));
    found.push(...body.results);
    if (body.cursor === undefined) return found;
    cursor = body.cursor;
  }
};

it('72 photos become 18 products, none of them the worse for it', async () => {
  const body = { productGroups: sampleGroups(18, 4), options: plain };
  const { jobId } = await submit('/create-products', body);
  expect(await ended(jobId)).toMatchObject({ status: 'completed', successCount: 18, errorCount: 0 });
  const results = await resultsOf(jobId);
  expect(results.map(({ images = [], imageErrors = [] }) => [images.length, imageErrors.length])).toEqual(
    Array.from({ length: 18 }, () => [4, 0]),
  );
});

it('24 groups survive workers that are killed meanwhile', async () => {
  // Not those of the first test.
  const productGroups = sampleGroups(24).map((one, at) => ({ ...one, productId: `hit-${at}` }));
  const body = { productGroups, options: plain };
  const { jobId } = await submit('/create-products', body, { prefer: 'respond-async' });
  for (const least of [2, 8, 14]) {
    await eventually(async () => {
      const { body: view } = await persistently(() => client.call('GET', `/jobs/${jobId}`));
      return view.processedItems >= least || view.status !== 'running' ? true : undefined;
    }, 200_000);
    for (const pid of service.pids('continueJob')) process.kill(pid, 'SIGKILL');
  }
  expect(await ended(jobId)).toMatchObject({ status: 'completed', successCount: 24, errorCount: 0 });
  const results = await resultsOf(jobId);
  const created = results.map(({ catalogId }) => catalogId).sort();
  const stored = (await products()).filter(({ productId }) => String(productId).startsWith('hit-'));
  expect(new Set(created).size).toBe(24);
  expect(stored.map(({ catalogId }) => catalogId).sort()).toEqual(created);
});

it('20,000 rows of a file come out in their order', async () => {
  const rows = 20_000;
  const csv = ['n,city', ...Array.from({ length: rows }, (_, n) => `${n},Bergen`)].join('\n');
  const files = { files: [{ name: 'rows.csv', contentType: 'text/csv', bytes: csv.length }] };
  const { body: uploads } = await persistently(() => client.call('POST', '/uploads', files));
  const [upload] = uploads.uploads;
  await eventually(async () => {
    const put = await fetch(upload?.url ?? '', {
      method: 'PUT',
      headers: upload?.headers ?? {},
      body: csv,
    }).catch(() => undefined);
    return put?.ok ? true : undefined;
  });
  const { jobId } = await submit('/jobs', { workload: 'echo', source: { key: upload?.key } });
  expect(await ended(jobId)).toMatchObject({ status: 'completed', successCount: rows, errorCount: 0 });
  const output = await eventually(async () => {
    const answer = await fetch(`${service.url}/jobs/${jobId}/output`, {
      headers: { 'x-api-key': 'local' },
    }).catch(() => undefined);
    return answer?.ok ? answer.text().catch(() => undefined) : undefined;
  }, 60_000);
  const written = output.trimEnd().split(/\r?\n/).slice(1);
  expect(written).toHaveLength(rows);
  expect(written.map((line) => Number(line.split(',')[0]))).toEqual(
    Array.from({ length: rows }, (_, n) => n),
  );
});

it('has met with failures of every manner', () => {
  const met = Object.values(fronts).flatMap(({ counts }) => Object.keys(counts));
  expect(new Set(met)).toEqual(new Set(['passed', ...manners]));
});
