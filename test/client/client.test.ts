import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { operationsOf } from '../../handlers/openapi/operations.ts';
import { ApiError } from '../../src/client/api-error.ts';
import { openClient } from '../../src/client/client.ts';
import type { JobView } from '../../src/client/contract.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  redirect: string;
}

type Answer = () => Response;

/** A client whose requests are answered in turn; the last answer stays. */
function clientWith(...answers: Answer[]) {
  const sent: Sent[] = [];
  const stop = new AbortController();
  const client = openClient({
    endpoint: 'https://api.test/prod/',
    key: 'secret',
    signal: stop.signal,
    fetch: async (url, init = {}) => {
      init.signal?.throwIfAborted();
      const { method = 'GET', headers, body, redirect = 'follow' } = init;
      sent.push({
        method,
        url: String(url),
        headers: Object.fromEntries(new Headers(headers)),
        body,
        redirect,
      });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (!answer) throw new Error('Nothing more was to be asked');
      return answer();
    },
  });
  return { client, sent, stop };
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    });
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  json({ code, detail: `That is ${code}`, errors: [{ path: 'source', message: 'is odd' }] }, status, headers);
const broken: Answer = () => {
  throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
};
const job = (more: Partial<JobView> = {}) => ({ jobId: 'job_1', status: 'completed', ...more }) as JobView;

/** How many milliseconds of pauses go by until it is settled. */
async function pausesOf(work: Promise<unknown>): Promise<number> {
  const from = Date.now();
  let settled = false;
  const end = () => {
    settled = true;
  };
  work.then(end, end);
  while (!settled) await vi.advanceTimersByTimeAsync(100);
  return Math.floor((Date.now() - from) / 500) * 500;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
});

it('has a method for each operation that the service documents', () => {
  const { client } = clientWith();
  expect(
    operationsOf(workloadsToLookAt())
      .map(({ id }) => id)
      .filter((id) => !(id in client)),
  ).toEqual([]);
});

describe('what may pass', () => {
  it.each([429, 502, 503, 504])('is asked again: %i', async (status) => {
    const { client, sent } = clientWith(problem(status, 'BUSY'), broken, json(job()));
    const asked = client.getJob('job_1', 5);
    expect(await pausesOf(asked)).toBe(1_500);
    expect(await asked).toMatchObject({ jobId: 'job_1' });
    expect(new Set(sent.map(({ url }) => url))).toEqual(new Set(['https://api.test/prod/jobs/job_1?wait=5']));
    expect(sent).toHaveLength(3);
  });

  it('is asked again: a function that died', async () => {
    const { client, sent } = clientWith(problem(500, 'FUNCTION_FAILED'), json(job()));
    const asked = client.getJob('job_1');
    expect(await pausesOf(asked)).toBe(500);
    expect(await asked).toMatchObject({ jobId: 'job_1' });
    expect(sent).toHaveLength(2);
  });

  it('is asked again as late as the service wishes, within reason', async () => {
    const { client } = clientWith(
      problem(503, 'BUSY', { 'retry-after': '7' }),
      problem(429, 'BUSY', { 'retry-after': '86400' }),
      json({ jobs: [] }),
    );
    expect(await pausesOf(client.listJobs())).toBe(37_000);
  });

  it('is given up after six attempts, with the reason', async () => {
    const { client, sent } = clientWith(broken);
    const asked = client.health();
    await pausesOf(asked);
    await expect(asked).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      message: 'https://api.test/prod does not answer: fetch failed: connect ECONNREFUSED',
    });
    expect(sent).toHaveLength(6);
  });

  it('ends in the middle of a pause when the caller has had enough', async () => {
    const { client, sent, stop } = clientWith(problem(503, 'BUSY'));
    const asked = client.getJob('job_1');
    asked.catch(() => {});
    await vi.advanceTimersByTimeAsync(0);
    const reason = new Error('interrupted');
    stop.abort(reason);
    await expect(asked).rejects.toBe(reason);
    expect([sent.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

describe('what will not pass', () => {
  it.each([400, 404, 409, 422, 500])('is told at once: %i', async (status) => {
    const { client, sent } = clientWith(problem(status, 'NO'));
    const error = await client.getJob('job_1').catch((reason) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      ...{ status, code: 'NO', message: 'That is NO', retryable: false },
      errors: [{ path: 'source', message: 'is odd' }],
    });
    expect(sent).toHaveLength(1);
  });

  it.each(['cancelJob', 'retryJob'] as const)('nor is %s said twice', async (action) => {
    const { client, sent } = clientWith(broken);
    await expect(client[action]('job/1')).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `POST https://api.test/prod/jobs/job%2F1/${action === 'cancelJob' ? 'cancel' : 'retry'}`,
    ]);
  });
});

it('changes and deletes products, which may be said twice', async () => {
  const { client, sent } = clientWith(
    broken,
    json({ catalogId: 'p' }),
    broken,
    () => new Response(null, { status: 204 }),
  );
  const changed = client.updateProduct('p/1', { metadata: { price: null } });
  await pausesOf(changed);
  expect(await changed).toEqual({ catalogId: 'p' });
  const deleted = client.deleteProduct('p/1');
  await pausesOf(deleted);
  await deleted;
  const said = sent.map(({ method, url, body }) => `${method} ${url} ${body}`);
  const patch = 'PATCH https://api.test/prod/products/p%2F1 {"metadata":{"price":null}}';
  const removal = 'DELETE https://api.test/prod/products/p%2F1 undefined';
  expect(said).toEqual([patch, patch, removal, removal]);
});

it('joins the parts of an export', async () => {
  const part =
    (text: string, headers = {}) =>
    () =>
      new Response(text, { headers });
  const next = '</products/export?format=jsonl&cursor=prod_1>; rel="next"';
  const { client, sent } = clientWith(part('one\n', { link: next }), broken, part('two\n'));
  let text = '';
  const read = (async () => {
    for await (const one of client.exportProducts({ format: 'jsonl' })) text += one;
  })();
  await pausesOf(read);
  await read;
  expect(text).toBe('one\ntwo\n');
  expect(sent.map(({ url }) => url.slice('https://api.test/prod'.length))).toEqual([
    '/products/export?format=jsonl',
    '/products/export?format=jsonl&cursor=prod_1',
    '/products/export?format=jsonl&cursor=prod_1',
  ]);
});

describe('a job that is submitted', () => {
  const request = { workload: 'echo', source: { items: [1] } };
  const keys = (sent: readonly Sent[]) => sent.map(({ headers }) => headers['idempotency-key']);

  it('is one, however often it has to be sent', async () => {
    const { client, sent } = clientWith(
      broken,
      problem(409, 'IDEMPOTENT_REQUEST_RUNNING'),
      json(job({ status: 'running' }), 202),
    );
    const submitted = client.createJob(request);
    await pausesOf(submitted);
    expect(await submitted).toMatchObject({ status: 202, body: { jobId: 'job_1' } });
    expect(new Set(keys(sent)).size).toBe(1);
    expect(sent[0]).toMatchObject({ method: 'POST', body: JSON.stringify(request) });
  });

  it('is another one each time, unless the caller says which', async () => {
    const { client, sent } = clientWith(json(job()));
    for (const idempotencyKey of [undefined, undefined, 'mine']) {
      await client.createJob(request, { ...(idempotencyKey && { idempotencyKey }), prefer: 'respond-async' });
    }
    expect([new Set(keys(sent)).size, keys(sent)[2]]).toEqual([3, 'mine']);
    expect(sent.every(({ headers }) => headers.prefer === 'respond-async')).toBe(true);
  });

  it('is followed to its end, files and all', async () => {
    const { client, sent } = clientWith(
      json(job({ status: 'running', processedItems: 1 })),
      json(job({ status: 'cancelled', finishing: true })),
      json(job({ status: 'cancelled' })),
    );
    const seen: string[] = [];
    for await (const { status, finishing } of client.follow(job({ status: 'running' }), 5)) {
      seen.push(`${status}${finishing ? '…' : ''}`);
    }
    expect(seen).toEqual(['running', 'running', 'cancelled…', 'cancelled']);
    expect(sent).toHaveLength(3);
  });

  it('tells its results page by page', async () => {
    const { client, sent } = clientWith(
      json({ results: [{ index: 0 }], cursor: '0' }),
      json({ results: [{ index: 1 }] }),
    );
    const pages: object[][] = [];
    for await (const page of client.getResults('job_1', { limit: 1, status: 'failed' })) pages.push(page);
    expect(pages).toEqual([[{ index: 0 }], [{ index: 1 }]]);
    expect(sent.map(({ url }) => new URL(url).search)).toEqual([
      '?limit=1&status=failed',
      '?limit=1&status=failed&cursor=0',
    ]);
  });
});

describe('the store', () => {
  it('is sent a file with what the link wants, and never the key', async () => {
    const headers = { 'content-type': 'text/csv', 'x-amz-meta': 'a' };
    const link = {
      key: 'uploads/acme/f/rows.csv',
      method: 'PUT',
      url: 'https://store.test/put?sig=1',
      headers,
    };
    const { client, sent } = clientWith(json({ uploads: [link] }, 201), broken, () => new Response(''));
    const file = { name: 'rows.csv', contentType: 'text/csv', content: 'ä,b\n' };
    const uploaded = client.upload(file, 'f');
    await pausesOf(uploaded);
    expect(await uploaded).toBe(link.key);
    const [asked, ...puts] = sent;
    expect(JSON.parse(String(asked?.body))).toEqual({
      folder: 'f',
      files: [{ name: 'rows.csv', contentType: 'text/csv', bytes: 5 }],
    });
    expect(puts).toHaveLength(2);
    for (const put of puts) expect(put).toMatchObject({ method: 'PUT', url: link.url, headers });
    expect(JSON.stringify(puts)).not.toContain('secret');
  });

  it('is where an output comes from: the redirect is not followed with the key', async () => {
    const location = { location: 'https://store.test/out.csv?sig=1' };
    const { client, sent } = clientWith(
      () => new Response(null, { status: 302, headers: location }),
      () => new Response('a,b\n'),
    );
    const url = await client.getOutput('job_1', 'errors');
    expect(await client.download(url, (response) => response.text())).toBe('a,b\n');
    expect(sent).toMatchObject([
      { url: 'https://api.test/prod/jobs/job_1/output?file=errors', redirect: 'manual' },
      { url: location.location, headers: {} },
    ]);
  });

  it('is asked again where a download breaks off', async () => {
    const half = new ReadableStream({
      pull: (controller) => controller.error(new TypeError('terminated')),
    });
    const { client } = clientWith(
      () => new Response(half),
      () => new Response('whole'),
    );
    const downloaded = client.download('https://store.test/x', (response) => response.text());
    expect(await pausesOf(downloaded)).toBe(500);
    expect(await downloaded).toBe('whole');
  });
});

describe('events', () => {
  const event = (id: string, name: string, processedItems: number) =>
    `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify({ processedItems })}\n\n`;
  /** A stream of so small pieces that every boundary is cut somewhere; it breaks where `breaks`. */
  const stream =
    (text: string, breaks = false): Answer =>
    () => {
      const pieces = text.match(/.{1,7}/gs) ?? [];
      const body = new ReadableStream({
        pull(controller) {
          const piece = pieces.shift();
          if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
          else if (breaks) controller.error(new TypeError('terminated'));
          else controller.close();
        },
      });
      return new Response(body);
    };
  const all = async (events: AsyncIterable<{ processedItems: number }>) => {
    const seen: number[] = [];
    for await (const { processedItems } of events) seen.push(processedItems);
    return seen;
  };

  it('go on where a connection ended, or broke, until the end', async () => {
    const { client, sent } = clientWith(
      stream(`retry: 1000\n\n${event('a', 'progress', 1)}: nothing new\n\n`),
      stream(event('b', 'progress', 2), true),
      stream(event('c', 'end', 3)),
    );
    const seen = all(client.getEvents('job_1'));
    await pausesOf(seen);
    expect(await seen).toEqual([1, 2, 3]);
    expect(sent.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'a', 'b']);
  });

  it('are none where the end was told already', async () => {
    const { client } = clientWith(() => new Response(null, { status: 204 }));
    expect(await all(client.getEvents('job_1', 'z'))).toEqual([]);
  });
});
