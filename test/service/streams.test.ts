import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClient } from '../../src/client/client.ts';
import type { JobEvent } from '../../src/client/contract.ts';
import type { InvocationNote } from '../../src/local/pool.ts';
import { type Service, startService } from '../../src/local/service.ts';
import { Client, eventually, ownStage, scratchDir } from './harness.ts';

let service: Service;
let client: Client;
let data: Awaited<ReturnType<typeof scratchDir>>;
const ended: InvocationNote[] = [];

beforeAll(async () => {
  data = await scratchDir();
  service = await startService({
    stage: ownStage(),
    dataDir: data.path,
    port: 0,
    workers: 2,
    apiTimeout: 8,
    apiKeys: 'local:local,other:other',
    // So short that nobody sees a job of some seconds in one stream.
    overrides: { streamEvents: { timeout: 3 } },
    onInvocation: (note) => {
      if (note.ended) ended.push(note);
    },
  });
  client = new Client(service.url);
});

afterAll(async () => {
  await service?.stop();
  await data?.remove();
});

const numbered = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) => ({ n, ...more }));
const submit = async (items: unknown[], options: object = {}) => {
  const body = { workload: 'echo', source: { items }, options };
  return (await client.call('POST', '/jobs', body, { prefer: 'respond-async' })).body.jobId;
};

interface Event {
  id: string;
  event: string;
  data: { processedItems: number; status: string; settled: { from: number; items: number }[] };
}

const open = (jobId: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(`${service.url}/jobs/${jobId}/events`, { headers: { 'x-api-key': 'local', ...headers }, ...init });

/** Events out of a stream of them; comments and `retry` are left out. */
const eventsIn = (text: string): Event[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(' ') + 1)]),
      );
      return {
        id: fields.get('id') ?? '',
        event: fields.get('event') ?? '',
        data: JSON.parse(fields.get('data') ?? ''),
      };
    });

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('GET /jobs/{id}/events', () => {
  it('shows a job to its end over as many connections as it takes, without gaps', async () => {
    const total = 2_200;
    const jobId = await submit(numbered(total), { delayMs: 40 });
    const connections: Event[][] = [];
    let status = 200;
    while (status === 200) {
      const last = connections.at(-1)?.at(-1)?.id;
      const response = await open(jobId, last === undefined ? {} : { 'last-event-id': last });
      status = response.status;
      if (status !== 200) break;
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      const text = await response.text();
      expect(text).toMatch(/^retry: \d+\n\n/);
      connections.push(eventsIn(text));
    }
    expect(status).toBe(204);
    expect(connections.length).toBeGreaterThan(1);
    const told = connections.flat();
    const indices = told.flatMap(({ data }) =>
      data.settled.flatMap(({ from, items }) => Array.from({ length: items }, (_, at) => from + at)),
    );
    expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, index) => index));
    expect(told.map(({ event }) => event)).toEqual(
      told.map((_, at) => (at < told.length - 1 ? 'progress' : 'end')),
    );
    const counts = told.map(({ data }) => data.processedItems);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBeGreaterThan(3);
    expect(told.at(-1)?.data).toMatchObject({ status: 'completed', processedItems: total });
    // The function was not cut off: it ended by itself.
    const runs = ended.filter(({ functionName }) => functionName === 'streamEvents');
    expect(runs.map((run) => run.ended?.errorType)).toEqual(runs.map(() => undefined));
  });

  it('are what the client follows a job by', async () => {
    const jobId = await submit(numbered(60), { delayMs: 40 });
    const follower = openClient({ endpoint: service.url, key: 'local' });
    const seen: JobEvent[] = [];
    for await (const event of follower.getEvents(jobId)) seen.push(event);
    expect(seen.at(-1)).toMatchObject({ jobId, status: 'completed', processedItems: 60 });
    const items = seen.flatMap(({ settled }) => settled.map((run) => run.items));
    expect(items.reduce((sum, one) => sum + one, 0)).toBe(60);
  });

  it('ends for the function when the client goes away', async () => {
    const jobId = await submit(numbered(1, { delayMs: 20_000 }));
    const before = ended.length;
    const gone = new AbortController();
    const response = await open(jobId, {}, { signal: gone.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    gone.abort();
    const note = await eventually(() =>
      ended.slice(before).find((one) => one.functionName === 'streamEvents'),
    );
    expect(note.ended?.errorType).toBeUndefined();
    await client.call('POST', `/jobs/${jobId}/cancel`);
    // Before that, it may be seen being wound up.
    const end = await eventually(async () =>
      eventsIn(await (await open(jobId)).text()).find(({ event }) => event === 'end'),
    );
    expect(end.data).toMatchObject({ status: 'cancelled', settled: [] });
  });

  it('refuses as every other call does', async () => {
    const { jobId } = (await client.call('POST', '/jobs', { workload: 'echo', source: { items: [{}] } }))
      .body;
    const problem = async (response: Response) => {
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      const { status, code } = (await response.json()) as { status: number; code: string };
      expect(response.status).toBe(status);
      return [status, code];
    };
    expect(await problem(await open('job_nothing'))).toEqual([404, 'JOB_NOT_FOUND']);
    expect(await problem(await open('job%20%2Fx'))).toEqual([404, 'JOB_NOT_FOUND']);
    expect(await problem(await open(jobId, { 'x-api-key': 'other' }))).toEqual([404, 'JOB_NOT_FOUND']);
    expect(await problem(await open(jobId, { 'x-api-key': '' }))).toEqual([401, 'UNAUTHORIZED']);
    // A key in the address would end in logs and histories.
    const inQuery = await fetch(`${service.url}/jobs/${jobId}/events?x-api-key=local&key=local`);
    expect(await problem(inQuery)).toEqual([401, 'UNAUTHORIZED']);
    const weird = await open(jobId, { 'last-event-id': '%00;DROP TABLE' });
    expect(eventsIn(await weird.text())).toMatchObject([
      { event: 'end', data: { settled: [{ from: 0, items: 1 }] } },
    ]);
    const head = await open(jobId, {}, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      200,
      'text/event-stream',
      '',
    ]);
    const preflight = await open(
      jobId,
      {
        origin: 'https://shop.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'last-event-id,x-api-key',
      },
      { method: 'OPTIONS' },
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('last-event-id');
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('a batch answered line by line', () => {
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': 'local', 'content-type': 'application/json', accept: 'application/x-ndjson' },
      body: JSON.stringify(body),
      ...init,
    });
  const echo = (items: unknown[], init: RequestInit = {}) =>
    post('/jobs', { workload: 'echo', source: { items } }, init);

  it('has the job first, each outcome once, the end last', async () => {
    const response = await echo([{ a: 1 }, { fail: true }, { delayMs: 50 }]);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    const [job, ...rest] = lines(await response.text());
    const end = rest.pop();
    expect(job).toMatchObject({ type: 'job', status: 'running', totalItems: 3, processedItems: 0 });
    expect(response.headers.get('location')).toBe(`/jobs/${job.jobId}`);
    expect(end).toMatchObject({
      type: 'end',
      jobId: job.jobId,
      status: 'partial',
      successCount: 2,
      errorCount: 1,
    });
    expect(end).not.toHaveProperty('next');
    const outcomes = rest.sort((a, b) => a.index - b.index);
    expect(outcomes).toMatchObject([
      { type: 'outcome', index: 0, status: 'succeeded', output: { a: 1 }, ranOn: 'streamAnswer' },
      { type: 'outcome', index: 1, status: 'failed', error: { code: 'TOLD_TO_FAIL' } },
      { type: 'outcome', index: 2, status: 'succeeded' },
    ]);
  });

  it('has those of other workers, too, in a batch that is too large to be done here', async () => {
    const all = lines(await (await echo(numbered(150))).text());
    const outcomes = all.filter(({ type }) => type === 'outcome');
    expect(outcomes.map(({ index }) => index).sort((a, b) => a - b)).toEqual(numbered(150).map(({ n }) => n));
    expect(new Set(outcomes.map(({ ranOn }) => ranOn))).toEqual(new Set(['continueJob']));
    expect(all.at(-1)).toMatchObject({ type: 'end', status: 'completed' });
  });

  it('says how to go on where the work does', async () => {
    const headers = {
      'x-api-key': 'local',
      'content-type': 'application/json',
      accept: 'application/x-ndjson',
    };
    const response = await echo([{}], { headers: { ...headers, prefer: 'respond-async' } });
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    const all = lines(await response.text());
    const { jobId } = all[0];
    expect(all.at(-1)).toMatchObject({ type: 'end', jobId });
    if (all.at(-1).status === 'running') expect(all.at(-1).next.events).toBe(`/jobs/${jobId}/events`);
    expect(await client.ended(jobId)).toMatchObject({ status: 'completed' });
  });

  it('goes on when the client goes away', async () => {
    const gone = new AbortController();
    const response = await echo(numbered(40, { delayMs: 300 }), { signal: gone.signal });
    await response.body?.getReader().read();
    gone.abort();
    const { body } = await client.call('GET', '/jobs?limit=1');
    const [{ jobId } = { jobId: '' }] = (body as unknown as { jobs: { jobId: string }[] }).jobs;
    expect(await client.ended(jobId)).toMatchObject({ status: 'completed', successCount: 40 });
  });

  it('is there for photos', async () => {
    const groups = [
      { images: [{ key: 'uploads/local/absent.jpg' }], metadata: { title: 'Nothing' }, productId: 'sku' },
    ];
    const all = lines(await (await post('/create-products', { productGroups: groups })).text());
    expect(all.filter(({ type }) => type !== 'heartbeat')).toMatchObject([
      { type: 'job', workload: 'create-products' },
      { type: 'outcome', index: 0, productId: 'sku', status: 'failed', error: { code: 'ALL_PHOTOS_FAILED' } },
      { type: 'end', status: 'failed' },
    ]);
  });

  it('is refused with a status while there is no job', async () => {
    const refused = async (response: Response) => [
      response.status,
      ((await response.json()) as { code: string }).code,
    ];
    expect(await refused(await echo([{ delayMs: -1 }]))).toEqual([422, 'INVALID_INPUT']);
    expect(await refused(await post('/create-products', {}))).toEqual([422, 'INVALID_INPUT']);
    expect(await refused(await echo([{}], { headers: { accept: 'application/x-ndjson' } }))).toEqual([
      401,
      'UNAUTHORIZED',
    ]);
    const file = { workload: 'echo', source: { key: 'uploads/local/a.csv' } };
    expect(await refused(await post('/jobs', file))).toEqual([406, 'NOT_ACCEPTABLE']);
  });
});
