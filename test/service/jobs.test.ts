import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClient } from '../../src/client/client.ts';
import { tenantKey, writtenKey } from '../../src/core/http/webhook-signature.ts';
import { toJson } from '../../src/core/json/text.ts';
import { type Service, startService } from '../../src/local/service.ts';
import { spillway } from '../cli/command.ts';
import { startReceiver } from '../core/jobs/receiver.ts';
import { type Conformance, conformanceWith } from '../openapi/conformance.ts';
import { Client, eventually, ownStage, scratchDir } from './harness.ts';

const webhookSecret = 'a secret that only this service knows';

let service: Service;
let client: Client;
let conformance: Conformance;
let data: Awaited<ReturnType<typeof scratchDir>>;

beforeAll(async () => {
  data = await scratchDir();
  service = await startService({
    stage: ownStage(),
    dataDir: data.path,
    port: 0,
    workers: 2,
    apiTimeout: 8,
    apiKeys: 'local:local,other:other',
    env: {
      SPILLWAY_WEBHOOK_SECRET: webhookSecret,
      SPILLWAY_ALLOW_HTTP: 'true',
      SPILLWAY_ALLOW_ADDRESSES: '127.0.0.1/32',
    },
  });
  conformance = await conformanceWith(service.url);
  client = new Client(service.url, 'local', conformance);
});

afterAll(async () => {
  await service?.stop();
  await data?.remove();
});

const echo = (items: unknown[], more: object = {}) =>
  client.call('POST', '/jobs', { workload: 'echo', source: { items }, ...more });
const job = (id: string, what = '', method = 'GET') => client.call(method, `/jobs/${id}${what}`);
const numbered = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ({ n, ...more }));

describe('POST /jobs', () => {
  it('keeps the order of columns and the text of numbers, in its answer and in the pages of results', async () => {
    const item = '{"name":"a","2019":1.10,"10":12345678901234567890,"id":1610521604143693812,"h":1e400}';
    const headers = { 'content-type': 'application/json', 'x-api-key': 'local' };
    const body = `{"workload":"echo","source":{"items":[${item}]},"options":{"delayMs":1.0}}`;
    const answer = await fetch(`${service.url}/jobs`, { method: 'POST', headers, body });
    const text = await answer.text();
    expect(text).toContain(`"output":${item}`);
    const { jobId } = JSON.parse(text);
    const page = await fetch(`${service.url}/jobs/${jobId}/results`, { headers });
    expect(await page.text()).toContain(`"output":${item}`);
    const { value: results } = await openClient({ endpoint: service.url, key: 'local' })
      .getResults(jobId)
      .next();
    expect(toJson(results)).toContain(`"output":${item}`);
  });

  it('refuses an item whose number does not fit what a workload calculates with, at its place', async () => {
    const group = (price: string) =>
      `{"images":[{"key":"uploads/a"}],"metadata":{"title":"t","price":${price}}}`;
    const groups = `[${group('1.50')},${group('1e400')}]`;
    const headers = { 'content-type': 'application/json', 'x-api-key': 'local' };
    const body = `{"workload":"create-products","source":{"items":${groups}}}`;
    const answer = await fetch(`${service.url}/jobs`, { method: 'POST', headers, body });
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(['source.items[1].metadata.price']);
  });

  it('does a small job while its caller waits', async () => {
    const { status, body } = await echo([
      { city: 'Lisbon', delayMs: 50 },
      { fail: true },
      { city: 'Bergen' },
    ]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ workload: 'echo', status: 'partial', successCount: 2, errorCount: 1 });
    expect(body.results).toMatchObject([
      { index: 0, status: 'succeeded', output: { city: 'Lisbon', delayMs: 50 } },
      { index: 1, status: 'failed', error: { code: 'TOLD_TO_FAIL', retryable: false } },
      { index: 2, status: 'succeeded', output: { city: 'Bergen' } },
    ]);
  });

  it('spreads a large one over workers, and lists it', async () => {
    const { status, body, headers } = await echo(numbered(450));
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/jobs/${body.jobId}`);
    expect(await client.ended(body.jobId)).toMatchObject({ status: 'completed', successCount: 450 });
    const { body: page } = await job(body.jobId, '/results?limit=200&cursor=248');
    expect(page.results).toHaveLength(200);
    expect(page.results[0]).toMatchObject({ index: 249, output: { n: 249 } });
    const { body: listed } = await client.call('GET', '/jobs?limit=1');
    expect(listed).toMatchObject({ jobs: [{ jobId: body.jobId, status: 'completed' }], cursor: body.jobId });
  });

  it('says what is wrong, and records nothing', async () => {
    const wrong = async (body: unknown) => {
      const reply = await client.call('POST', '/jobs', body);
      return [reply.status, reply.body.code, ...(reply.body.errors ?? []).map(({ path }) => path)];
    };
    const { body: before } = await client.call('GET', '/jobs?limit=1');
    expect(await wrong({ workload: 'nothing', source: { items: [1] } })).toEqual([422, 'UNKNOWN_WORKLOAD']);
    expect(await wrong({ workload: 'echo' })).toEqual([422, 'INVALID_INPUT', 'source']);
    expect(await wrong({ workload: 'echo', source: { items: [] } })).toEqual([
      422,
      'INVALID_INPUT',
      'source.items',
    ]);
    const badItem = { workload: 'echo', source: { items: [{}, { delayMs: -1 }] } };
    expect(await wrong(badItem)).toEqual([422, 'INVALID_INPUT', 'source.items[1].delayMs']);
    const badOption = { workload: 'echo', source: { items: [{}] }, options: { delay: 1 } };
    expect(await wrong(badOption)).toEqual([422, 'INVALID_INPUT', 'options.delay']);
    expect((await client.call('GET', '/jobs?limit=1')).body).toEqual(before);
    expect((await client.call('GET', '/jobs?limit=0')).status).toBe(422);
  });
});

it('is described by /openapi.json: an answer that is not as it says would be noticed', async () => {
  const { status, headers, body } = await client.call('GET', '/jobs?limit=1');
  expect(() => conformance.check('GET', '/jobs', { status: 418, headers, body })).toThrow(/does not tell/);
  expect(() => conformance.check('GET', '/jobs', { status, headers, body: { ...body, more: 1 } })).toThrow(
    /more/,
  );
  const problem = { type: 'about:blank', title: '', status: 401, code: 'NOT_FOUND', detail: '' };
  const type = new Headers({ 'content-type': 'application/problem+json' });
  expect(() => conformance.check('GET', '/jobs', { status: 401, headers: type, body: problem })).toThrow(
    /code/,
  );
});

describe('a file', () => {
  /** Uploads as a client does: asks for a link, PUTs there. */
  const upload = async (content: string) => {
    const files = [{ name: 'cities.csv', contentType: 'text/csv', bytes: Buffer.byteLength(content) }];
    const { body } = await client.call('POST', '/uploads', { files });
    const [{ key, url, headers } = { key: '', url: '', headers: {} }] = body.uploads;
    expect((await fetch(url, { method: 'PUT', body: content, headers })).status).toBe(200);
    return key;
  };
  const submit = async (content: string, more: object = {}) =>
    client.call('POST', '/jobs', { workload: 'echo', source: { key: await upload(content) }, ...more });

  it('is uploaded, worked through and downloaded', async () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => `"City\nno. ${n}",${n},${n % 1_000 === 7}`);
    const input = `city,n,fail\r\n${rows.join('\r\n')}\r\n`;
    const { status, body } = await submit(input);
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'running', planning: true });
    const ended = await client.ended(body.jobId);
    expect(ended).toMatchObject({ status: 'partial', totalItems: 5_000, successCount: 4_995, errorCount: 5 });
    const output = await download(body.jobId);
    expect(output.split('\r\n')[0]).toBe('city,n,fail,error_code,error_message');
    expect(output).toContain('"City\nno. 4999",4999,false,,\r\n');
    const errors = await download(body.jobId, '?file=errors');
    expect(errors.split('\r\n')).toHaveLength(5 + 2);
    expect(errors).toContain('"City\nno. 3007",3007,true,TOLD_TO_FAIL,');
  });

  const download = async (id: string, query = '') => {
    const headers = { 'x-api-key': 'local' };
    const redirect = await fetch(`${service.url}/jobs/${id}/output${query}`, { redirect: 'manual', headers });
    expect(redirect.status).toBe(302);
    return (await fetch(new URL(redirect.headers.get('location') ?? '', service.url))).text();
  };

  it('that cannot be read is refused with its row and column, and makes no job', async () => {
    const { body: before } = await client.call('GET', '/jobs?limit=1');
    const problem = async (content: string) => {
      const { status, body } = await submit(content);
      return [status, body.code, body.errors[0]?.path];
    };
    expect(await problem('a,b,a\r\n1,2,3\r\n')).toEqual([422, 'DUPLICATE_COLUMN', 'source, row 1, column a']);
    expect(await problem('a,b\r\n')).toEqual([422, 'FILE_HAS_NO_ROWS', 'source, row 1']);
    const absent = { workload: 'echo', source: { key: 'uploads/other/cities.csv' } };
    expect((await client.call('POST', '/jobs', absent)).body).toMatchObject({
      status: 422,
      code: 'SOURCE_NOT_FOUND',
    });
    expect((await client.call('GET', '/jobs?limit=1')).body).toEqual(before);
  });

  it('is no longer looked for where a job has none', async () => {
    const { body } = await echo([{ a: 1 }]);
    expect((await job(body.jobId, '/output')).body).toMatchObject({ status: 404, code: 'NO_SUCH_FILE' });
  });
});

describe('a webhook', () => {
  it('is told of the end, signed so that the lines in docs/api.md know it', async () => {
    const receiver = await startReceiver();
    try {
      const webhook = { url: receiver.url };
      const { status, body } = await echo([{ a: 1 }], { options: { delayMs: 1, webhook } });
      expect(status).toBe(200);
      const ended = await eventually(async () => {
        const { body: job } = await client.call('GET', `/jobs/${body.jobId}`);
        return 'webhook' in job && JSON.stringify(job.webhook).includes('delivered') ? job : undefined;
      });
      expect(ended).toMatchObject({ webhook: { status: 'delivered', attempts: 1, lastStatus: 200 } });
      const [{ headers, body: sent } = { headers: {}, body: '' }] = receiver.received;
      expect(JSON.parse(sent)).toMatchObject({ type: 'job.completed', data: { jobId: body.jobId } });
      const secret = writtenKey(tenantKey(webhookSecret, 'local'));
      expect(
        await spillway('.', ['webhook-secret', 'local'], { SPILLWAY_WEBHOOK_SECRET: webhookSecret }),
      ).toEqual({
        code: 0,
        stdout: `${secret}\n`,
        stderr: '',
      });
      const [, lines = ''] =
        /```js\n(import \{ createHmac[\s\S]*?)```/.exec(readFileSync('docs/api.md', 'utf8')) ?? [];
      const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(lines)}`);
      expect(isGenuine(secret, headers, sent)).toBe(true);
      expect(isGenuine(secret, headers, `${sent} `)).toBe(false);
      expect(isGenuine(secret, { ...headers, 'webhook-timestamp': '1' }, sent)).toBe(false);
    } finally {
      receiver.stop();
    }
  });

  it.each(['https://10.1.2.3/hook', 'https://user:word@example.com/hook', 'ftp://example.com/hook'])(
    'is refused where it would go to %s',
    async (url) => {
      const refused = await echo([{ a: 1 }], { options: { webhook: { url } } });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'options.webhook.url' }] } });
      const source = { key: 'uploads/local/cities.csv' };
      const body = { workload: 'echo', source, options: { webhook: { url } } };
      expect(await client.call('POST', '/jobs', body)).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'options.webhook.url' }] },
      });
    },
  );
});

describe('a job', () => {
  it('that is cancelled starts nothing more within 2 s and keeps what is done', async () => {
    const { body } = await echo(numbered(300, { delayMs: 400 }));
    await eventually(async () => (await job(body.jobId)).body.processedItems > 0 || undefined);
    const { status, body: cancelled } = await job(body.jobId, '/cancel', 'POST');
    expect(status).toBe(200);
    expect(cancelled).toMatchObject({ status: 'cancelled', pendingCount: 0 });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { body: settled } = await job(body.jobId);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { body: later } = await job(body.jobId);
    expect(later.processedItems).toBe(settled.processedItems);
    expect(later.processedItems).toBeLessThan(300);
    const { body: page } = await job(body.jobId, '/results?status=succeeded&limit=200');
    expect(page.results).toHaveLength(Math.min(200, later.successCount));
    // Once it is wound up, the rest can be run after all.
    await eventually(async () => (await job(body.jobId, '/retry', 'POST')).status === 202 || undefined);
    expect((await job(body.jobId, '/cancel', 'POST')).body).toMatchObject({ status: 'cancelled' });
  });

  it('that is run again runs what failed', async () => {
    const { body } = await echo([{ fail: true }, { a: 1 }]);
    expect((await job(body.jobId, '/cancel', 'POST')).body).toMatchObject({ status: 409, code: 'JOB_ENDED' });
    expect((await job(body.jobId, '/retry', 'POST')).status).toBe(202);
    expect(await client.ended(body.jobId)).toMatchObject({
      status: 'partial',
      successCount: 1,
      errorCount: 1,
    });
    const { body: page } = await job(body.jobId, '/results');
    expect(page.results.map(({ index }) => index)).toEqual([0, 1]);
  });

  it("is nobody else's to see, cancel or run again", async () => {
    const { body } = await echo([{ fail: true }]);
    const other = new Client(service.url, 'other');
    for (const [method, what] of [
      ['GET', ''],
      ['POST', '/cancel'],
      ['POST', '/retry'],
    ] as const) {
      expect((await other.call(method, `/jobs/${body.jobId}${what}`)).status).toBe(404);
    }
    expect((await other.call('GET', '/jobs')).body).toEqual({ jobs: [] });
  });
});
