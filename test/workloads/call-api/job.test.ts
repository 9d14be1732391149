import { describe, expect, it } from 'vitest';
import { openAccounts } from '../../../src/core/http/accounts.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { parseJson, toJson } from '../../../src/core/json/text.ts';
import { memoryLimitStore } from '../../../src/memory/limit-store.ts';
import { callApi } from '../../../src/workloads/call-api/workload.ts';
import { recommendCards } from '../../../src/workloads/recommend-cards/workload.ts';
import { drain, stateOf } from '../../core/jobs/asking.ts';
import { worldOfFile } from '../../core/jobs/world.ts';
import { depsOf, seen, useSandbox, useServers } from '../clients.ts';

const world = await worldOfFile();
const sandbox = useSandbox({ timeScale: 0.01 });
const serve = useServers();

interface Asked {
  method: string | undefined;
  url: string | undefined;
  key: string | undefined;
  body: string;
}

/** An API that remembers what it was asked, and answers as it is told. */
async function useApi(answer: (asked: Asked, times: number) => { status?: number; body?: string | Buffer }) {
  const asked: Asked[] = [];
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    const key = headers['x-key']?.toString();
    const one = { method, url, key, body: Buffer.concat(chunks).toString() };
    asked.push(one);
    const { status = 200, body = '{"ok": true}' } = answer(one, asked.filter((it) => it.url === url).length);
    response.writeHead(status, { 'x-version': '3' }).end(body);
  });
  return { url, asked };
}

/** Runs a job to its end on the ports in memory. */
async function run(items: object[], api: object, workload = callApi) {
  const made = workload({
    upstreamDeps: depsOf({ store: memoryLimitStore().store }),
    downloads: { allowHttp: true, allowAddresses: ['127.0.0.1/32'] },
    accounts: openAccounts({ SPILLWAY_SANDBOX_URL: sandbox().url }),
    env: { SPILLWAY_SECRET_ACME__KEY: 'hush-hush' },
  });
  const jobs = world.jobs(made);
  const options = made.options.parse({ api, processing: { max_error_rate: 0.99 } });
  const submission = { tenant: 'acme', workload: made.name, items, options };
  const { jobId } = await submit(jobs, submission, 0, { waitUntil: 0, goneAt: 0 });
  await drain(world, jobs);
  const { job, outcomes } = await stateOf(jobs, jobId);
  return { job, jobId, told: outcomes.map((one) => (one.status === 'failed' ? one.error : one.output)) };
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `r${n}` }));

describe('call-api', () => {
  it('looks rows up in the stand-in of a plain API', async () => {
    const { job, told } = await run(ids(5), {
      url: 'sandbox://plain/items/{{id}}',
      response_fields: { name: 'name', etag: 'etag', status: { status: true } },
    });
    expect(job).toMatchObject({ status: 'completed', succeeded: 5 });
    expect(told[2]).toEqual({ id: 'r2', name: 'Item r2', etag: expect.any(String), status: 200 });
    expect(seen(sandbox(), 'plain', 'getItem').calls).toBe(5);
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('sends a %s for each row', async (method) => {
    const { url, asked } = await useApi(() => ({ status: method === 'DELETE' ? 204 : 201, body: '' }));
    const { job, told } = await run(ids(3), {
      ...{ url, method, path: '/things/{{id}}', headers: { 'x-key': `key \${ENV:KEY}` } },
      ...(method !== 'GET' && { body_template: { id: '{{id}}' } }),
      response_fields: { version: { header: 'X-Version' } },
    });
    expect(job).toMatchObject({ status: 'completed', succeeded: 3 });
    expect(told[1]).toEqual({ id: 'r1', version: '3' });
    const body = method === 'GET' ? '' : '{"id":"r1"}';
    expect(asked.toSorted((a, b) => (`${a.url}` < `${b.url}` ? -1 : 1))[1]).toEqual({
      ...{ method, url: '/things/r1', key: 'key hush-hush', body },
    });
  });

  it('fails rows alone: a missing cell, a value that no path takes, an answer without the field', async () => {
    const { url, asked } = await useApi(({ url }) => ({ body: url === '/r3' ? '{}' : '{"name": "Ann"}' }));
    const items = [{ id: '' }, { id: '..' }, { id: 'r2' }, { id: 'r3' }];
    const { told } = await run(items, { url: `${url}/{{id}}`, response_fields: { name: 'name' } });
    expect(told).toMatchObject([
      { code: 'MISSING_VALUE' },
      { code: 'INVALID_VALUE' },
      { id: 'r2', name: 'Ann' },
      { code: 'FIELD_MISSING' },
    ]);
    expect(asked.map((one) => one.url).toSorted()).toEqual(['/r2', '/r3']);
  });

  it.each([
    ['POST', {}, 1, 'OUTCOME_UNKNOWN'],
    ['PATCH', {}, 1, 'OUTCOME_UNKNOWN'],
    ['POST', { repeatable: true }, 2, undefined],
    ['POST', { idempotency_header: 'X-Key' }, 2, undefined],
    ['PUT', {}, 2, undefined],
    ['DELETE', {}, 2, undefined],
  ])('repeats a %s with %j only if that does no harm', async (method, more, calls, code) => {
    const keys: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      keys.push(request.headers['x-key']?.toString());
      if (keys.length === 1) response.destroy();
      else response.end('{}');
    });
    const { told, jobId } = await run(ids(1), { url, method, ...more });
    expect(keys).toHaveLength(calls);
    expect(told).toMatchObject([code === undefined ? { id: 'r0' } : { code }]);
    if ('idempotency_header' in more) expect(new Set(keys)).toEqual(new Set([`${jobId}#0`]));
  });

  it.each(['PUT', 'DELETE', 'POST'])(
    'never sends a %s again that was answered, to see whether the API is up',
    async (method) => {
      const { url, asked } = await useApi(({ url }) => ({ status: url === '/r1' ? 500 : 200 }));
      const api = { url: `${url}/{{id}}`, method, idempotency_header: 'X-Key', retries: 1 };
      const { job } = await run(ids(3), api);
      expect(job).toMatchObject({ succeeded: 2, failed: 1 });
      const good = asked.filter((one) => one.url !== '/r1').map((one) => one.url);
      expect(good.toSorted()).toEqual(['/r0', '/r2']);
    },
  );

  it('keeps the digits of numbers, in what it sends and in what it reads', async () => {
    const { url, asked } = await useApi(() => ({
      body: '{"account": 12345678901234567890, "price": 1.10, "2019": 1e400}',
    }));
    const items = [parseJson('{"id": 1610521604143693812, "amount": 2.50}') as object];
    const { told } = await run(items, {
      ...{ url: `${url}/{{id}}`, method: 'PUT', query: { a: '{{amount}}' } },
      body_template: { id: '{{id}}', amount: '{{amount:number}}', text: 'of {{amount}}' },
      response_fields: { account: 'account', price: 'price', 2019: '["2019"]' },
    });
    expect(asked[0]).toMatchObject({
      url: '/1610521604143693812?a=2.50',
      body: '{"id":1610521604143693812,"amount":2.50,"text":"of 2.50"}',
    });
    const output = told[0] as Record<string, unknown>;
    expect(toJson([output.account, output.price, output['2019']])).toBe('[12345678901234567890,1.10,1e400]');
  });

  it('takes a status as an answer where the options say so', async () => {
    const { url } = await useApi(() => ({ status: 404, body: '{"error": "none"}' }));
    const api = { url, method: 'DELETE', response_fields: { was: { status: true } } };
    expect((await run(ids(1), { ...api, accept_statuses: [404, 410] })).told).toEqual([
      { id: 'r0', was: 404 },
    ]);
    expect((await run(ids(1), api)).told).toMatchObject([{ code: 'UPSTREAM_REFUSED' }]);
  });

  it('shows a secret in no error, however the API quotes it', async () => {
    const { url } = await useApi(({ url, body }) => ({ status: 400, body: `bad ${url} ${body}` }));
    const { told } = await run(ids(1), {
      url: `${url}/bot\${ENV:KEY}`,
      query: { k: `\${ENV:KEY}` },
      body_template: { k: `\${ENV:KEY}` },
    });
    expect(told).toMatchObject([{ code: 'UPSTREAM_REFUSED', message: expect.stringContaining('bad /bot…') }]);
    expect(JSON.stringify(told)).not.toContain('hush');
  });
});

describe.each([
  ['call-api', callApi, { repeatable: true }],
  ['recommend-cards', recommendCards, {}],
])('the answers that %s reads', (_, workload, more) => {
  const items = [{ id: 'a', user_id: 'a' }];
  const ask = (url: string, fields: object) =>
    run(
      items,
      { url, body_template: { id: '{{id}}' }, response_fields: fields, retries: 1, ...more },
      workload,
    );

  it('may begin with a byte order mark', async () => {
    const { url } = await useApi(() => ({ body: '\uFEFF{"card": "Gold"}' }));
    expect((await ask(url, { card: 'card' })).told).toMatchObject([{ card: 'Gold' }]);
  });

  it.each(['<html><body>We are back soon</body></html>', 'null or so', '{"card": "Gold"'])(
    'are no JSON: %s',
    async (page) => {
      const { url, asked } = await useApi(() => ({ body: page }));
      const { told } = await ask(url, { card: 'card' });
      expect(told).toMatchObject([
        {
          code: 'UPSTREAM_FAILED',
          retryable: true,
          message: expect.stringContaining('the answer is no JSON'),
        },
      ]);
      expect(asked.length).toBeGreaterThan(1);
    },
  );

  it('may be a page once, and right the next time', async () => {
    const { url } = await useApi((_, times) => ({ body: times === 1 ? '<html>' : '{"card": "Gold"}' }));
    expect((await ask(url, { card: 'card' })).told).toMatchObject([{ card: 'Gold' }]);
  });
});
