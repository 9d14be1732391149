import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dynamoLimitStore } from '../../../src/aws/limit-store.ts';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { createUpstream, type UpstreamDeps } from '../../../src/core/http/client.ts';
import type { UpstreamDefinition } from '../../../src/core/http/definition.ts';
import { memoryLimitStore } from '../../../src/memory/limit-store.ts';
import {
  budget,
  counting,
  depsOf,
  seen,
  useClosing,
  useSandbox,
  useServers,
} from '../../workloads/clients.ts';
import { cloudOfFile } from '../jobs/cloud.ts';

const { dynamo, table: tableName } = await cloudOfFile();
const table = dynamoLimitStore(dynamo, tableName);
const sandbox = useSandbox({
  overrides: { plain: { latency: { kind: 'constant', ms: 5 }, limits: { requests: null } } },
});
const serve = useServers();
const closing = useClosing();
let names = 0;
const newName = () => `plain-${names++}`;

/** A client of the stand-in, or of what `more` says. */
function client(more: Partial<UpstreamDefinition> = {}, deps: Partial<UpstreamDeps> = {}) {
  const definition = { name: newName(), baseUrl: sandbox().urls.plain, ...more };
  return closing(createUpstream(definition, depsOf(deps)));
}

/** Two workers that share a store. */
function pair(more: Partial<UpstreamDefinition> = {}, store = table) {
  const { counts, metrics } = counting();
  const name = newName();
  const both = [0, 1].map(() => client({ name, ...more }, { store, metrics }));
  return { name, both, count: (what: string) => counts.get(`${name}/${what}`) ?? 0 };
}

const many = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));
const stats = (operation = 'getItem') => seen(sandbox(), 'plain', operation);

describe('a rate that two workers share', () => {
  it('is kept, and used in full', async () => {
    sandbox().configure({ api: 'plain', limits: { requests: { rate: 50, per: 'second', burst: 20 } } });
    const { both } = pair({ rates: { calls: { perSecond: 50, burst: 20 } } });
    const startedAt = Date.now();
    const answers = await many(80, async (index) =>
      both[index % 2]?.call({ path: `items/i${index}`, takes: { calls: 1 }, ...budget() }),
    );
    const seconds = (Date.now() - startedAt) / 1000;
    expect(answers.map((answer) => answer?.body)).toMatchObject(
      Array.from({ length: 80 }, (_, index) => ({ id: `i${index}` })),
    );
    expect(stats()).toMatchObject({ calls: 80, rejected: 0 });
    // Without any burst, and with time to spare for a busy machine and a slow table: how much of it is used is measured by the bench `rates`.
    expect(seconds).toBeLessThan(4 * (80 / 50));
  });

  it('is held back for both by a refusal, which is no attempt', async () => {
    const arrivals: number[] = [];
    const url = await serve((_, response) => {
      arrivals.push(Date.now());
      if (arrivals.length === 5) response.writeHead(429, { 'retry-after': '1.7' });
      response.end('{}');
    });
    const rates = { calls: { perSecond: 20, burst: 1 } };
    const { both, count } = pair({ baseUrl: url, rates, attempts: 1, concurrency: { max: 2 } });
    await many(30, async (index) => both[index % 2]?.call({ path: '', takes: { calls: 1 }, ...budget() }));
    const refusedAt = arrivals[4] ?? Number.NaN;
    const during = arrivals.filter((at) => at > refusedAt + 1_000 && at < refusedAt + 1_700);
    expect(during).toEqual([]);
    expect(arrivals).toHaveLength(31);
    expect([count('Throttled'), count('Failed'), count('Retries')]).toEqual([1, 0, 0]);
  });

  it('that is too high is corrected by the upstream, and no call fails', async () => {
    sandbox().configure({ api: 'plain', limits: { requests: { rate: 20, per: 'second', burst: 5 } } });
    const { both, count } = pair({ rates: { calls: { perSecond: 60, burst: 5 } }, attempts: 1 });
    const answers = await many(15, async (index) =>
      both[index % 2]?.call({ path: `items/i${index}`, takes: { calls: 1 }, ...budget() }),
    );
    expect(answers.map((answer) => answer?.status)).toEqual(Array.from({ length: 15 }, () => 200));
    expect(count('Throttled')).toBeGreaterThan(0);
    expect(stats().rejected).toBe(count('Throttled'));
  });
});

describe('a call that fails', () => {
  it('together with others makes a tenth more calls and ten, not three times as many', async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `bad${index}`);
    sandbox().configure({ api: 'plain', errors: { keys, keyStatus: 500 } });
    const one = client({ breaker: { failures: 1_000 }, concurrency: { start: 100, max: 100 } });
    const ids = [...keys, ...Array.from({ length: 40 }, (_, index) => `i${index}`)];
    const settled = await Promise.allSettled(ids.map((id) => one.call({ path: `items/${id}`, ...budget() })));
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(60);
    expect(stats().calls).toBeGreaterThanOrEqual(110);
    // One more asks again what went well, should all the others be done.
    expect(stats().calls).toBeLessThanOrEqual(100 + 10 + 10 + 1);
  });

  it('by its own fault is not made again', async () => {
    sandbox().configure({ api: 'plain', errors: { keys: ['bad'], keyStatus: 404 } });
    await expect(client().call({ path: 'items/bad', ...budget() })).rejects.toMatchObject({
      code: 'UPSTREAM_REFUSED',
      retryable: false,
      details: { status: 404 },
    });
    expect(stats().calls).toBe(1);
  });

  it('for its key fails so that others need not try', async () => {
    sandbox().configure({ api: 'plain', errors: { share: 1, status: 403 } });
    const call = client().call({ path: 'items/a', ...budget() });
    await expect(call).rejects.toMatchObject({ code: 'CREDENTIALS_REFUSED', retryable: false });
  });

  it('reads answers in the encoding that they name, and takes no JSON for such that is none in it', async () => {
    const answers: Record<string, [type: string, body: Buffer]> = {
      '/wide': ['application/json; charset=utf-16le', Buffer.from('\ufeff{"a":"ж"}', 'utf16le')],
      '/latin': ['application/json;charset="ISO-8859-1"', Buffer.from('{"a":"é"}', 'latin1')],
      '/unknown': ['application/json; charset=x', Buffer.from('\ufeff{"a":"é"}')],
      '/lost': ['application/json', Buffer.from('{"a":"é"}', 'latin1')],
    };
    const baseUrl = await serve(({ url = '' }, response) => {
      const [type = '', body] = answers[url] ?? [];
      response.setHeader('content-type', type).end(body);
    });
    const one = client({ baseUrl });
    const read = async (path: string) => {
      const { body, isText } = await one.call({ path, ...budget() });
      return isText ? 'no JSON' : body;
    };
    expect([await read('wide'), await read('latin'), await read('unknown'), await read('lost')]).toEqual([
      { a: 'ж' },
      { a: 'é' },
      { a: 'é' },
      'no JSON',
    ]);
  });

  it('runs out of time for each attempt', async () => {
    const asked: (string | undefined)[] = [];
    const baseUrl = await serve(({ url }, response) => {
      asked.push(url);
      if (url !== '/slow') response.end('{}');
    });
    const one = client({ baseUrl, timeoutMs: 200, attempts: 2 });
    await one.call({ path: 'well', ...budget() });
    const call = one.call({ path: 'slow', ...budget() });
    await expect(call).rejects.toMatchObject({ code: 'TIMED_OUT', retryable: true });
    expect(asked.filter((url) => url === '/slow')).toHaveLength(2);
  });

  it('never tells keys or queries, even where the upstream does', async () => {
    const url = await serve((request, response) => {
      const told = { url: request.url, headers: request.headers };
      response.writeHead(400).end(JSON.stringify({ message: 'What is this?', told }));
    });
    const query = { key: 'key-in-query', q: 'private question' };
    const headers = { authorization: 'Bearer key-in-header', 'x-api-key': 'another-key' };
    const form = { client_secret: 'key-in-form' };
    const broken = await serve((request) => request.socket.destroy());
    for (const baseUrl of [url, broken]) {
      const error: unknown = await client({ baseUrl })
        .call({ path: 'x', query, headers, form, ...budget() })
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ code: baseUrl === url ? 'UPSTREAM_REFUSED' : 'OUTCOME_UNKNOWN' });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/key-in|another-key|private|question/);
    }
  });
});

describe('a call that must not be made twice', () => {
  const post = { method: 'POST', path: 'items', json: { ids: ['a'] } } as const;

  it('is left with an unknown outcome when the connection breaks', async () => {
    sandbox().outage({ api: 'plain', mode: 'reset', on: true });
    const call = client().call({ ...post, ...budget() });
    await expect(call).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: false });
    expect(stats('getItems').calls).toBe(1);
  });

  it('is left with an unknown outcome when no answer comes', async () => {
    sandbox().outage({ api: 'plain', mode: 'hang', on: true });
    const call = client({ timeoutMs: 100 }).call({ ...post, ...budget() });
    await expect(call).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: false });
    expect(stats('getItems').calls).toBe(1);
  });

  it('is made again when it was never sent', async () => {
    const { counts, metrics } = counting();
    const one = client({ name: 'gone', baseUrl: await closedPort(), attempts: 2 }, { metrics });
    const call = one.call({ ...post, ...budget(0) });
    await expect(call).rejects.toMatchObject({ code: 'RETRY_TOO_LATE' });
    expect(counts.get('gone/Retries')).toBe(1);
  });

  it('is made again where it is said to be harmless', async () => {
    const asked: (string | undefined)[] = [];
    const baseUrl = await serve(({ method }, response) => {
      asked.push(method);
      response.writeHead(method === 'POST' ? 500 : 200).end('{}');
    });
    const one = client({ baseUrl, attempts: 2 });
    await one.call({ path: 'well', ...budget() });
    const call = one.call({ ...post, repeatable: true, ...budget() });
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    expect(asked).toEqual(['GET', 'POST', 'POST', 'GET']);
  });
});

describe('giving up', () => {
  /** Aborts after `ms`; resolves to how long the call then took to end, and with what. */
  async function abortAfter(ms: number, call: (signal: AbortSignal) => Promise<unknown>) {
    const stop = new AbortController();
    let abortedAt = 0;
    setTimeout(() => {
      abortedAt = Date.now();
      stop.abort(new Error('enough'));
    }, ms);
    await expect(call(stop.signal)).rejects.toThrow('enough');
    expect(Date.now() - abortedAt).toBeLessThan(1_000);
  }

  it('while the upstream is down', async () => {
    const memory = memoryLimitStore();
    const one = client({ breaker: { probeEveryMs: 10_000 } }, { store: memory.store });
    memory.breakers.set(one.name, { since: Date.now(), probeAt: Date.now() + 10_000 });
    await abortAfter(60, (signal) => one.call({ path: 'items/a', ...budget(20_000, signal) }));
    expect(stats().calls).toBe(0);
  });

  it('while waiting for a slot, and while waiting for the answer: the slot is free at once', async () => {
    sandbox().outage({ api: 'plain', mode: 'hang', on: true });
    const one = client({ concurrency: { max: 1 } });
    const answer = abortAfter(150, (signal) => one.call({ path: 'items/first', ...budget(20_000, signal) }));
    await abortAfter(60, (signal) => one.call({ path: 'items/second', ...budget(20_000, signal) }));
    sandbox().outage({ api: 'plain', on: false });
    const third = one.call({ path: 'items/third', ...budget() });
    await answer;
    const endedAt = Date.now();
    await third;
    expect(Date.now() - endedAt).toBeLessThan(1_000);
    expect(
      sandbox()
        .log({ api: 'plain' })
        .map(({ outcome }) => outcome),
    ).toEqual(['outage', 'answered']);
  });

  it('while waiting for the turn: the slot is free at once', async () => {
    const one = client({ concurrency: { max: 1 }, rates: { calls: { perSecond: 0.1 } } });
    await one.call({ path: 'items/a', takes: { calls: 1 }, ...budget() });
    const late = abortAfter(60, (signal) =>
      one.call({ path: 'items/b', takes: { calls: 1 }, ...budget(20_000, signal) }),
    );
    await one.call({ path: 'items/c', ...budget() });
    await late;
    expect(stats().calls).toBe(2);
  });

  it('while pausing before the next attempt', async () => {
    const url = await serve((_, response) => response.writeHead(429, { 'retry-after': '10' }).end());
    await abortAfter(60, (signal) => client({ baseUrl: url }).call({ path: '', ...budget(20_000, signal) }));
  });
});

describe('an upstream that is down', () => {
  for (const mode of ['unavailable', 'hang', 'reset'] as const) {
    it(`is waited for, and no call fails: ${mode}`, async () => {
      const breaker = { failures: 5, probeEveryMs: 100 };
      const concurrency = { start: 8, min: 8, max: 8 };
      const { name, both } = pair({ timeoutMs: 250, breaker, concurrency });
      sandbox().outage({ api: 'plain', mode, forMs: 600 });
      const startedAt = Date.now();
      const answers = await many(60, async (index) =>
        both[index % 2]?.call({ path: `items/i${index}`, ...budget() }),
      );
      expect(answers.every((answer) => answer?.status === 200)).toBe(true);
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(600);
      expect(Date.now() - startedAt).toBeLessThan(8_000);
      const failed = sandbox()
        .log({ api: 'plain' })
        .filter(({ outcome }) => outcome === 'outage');
      // What was under way before it was noticed, and a probe in each interval.
      expect(failed.length).toBeLessThan(2 * 2 * 8 + 12);
      expect(await table.breaker(name)).toBeUndefined();
    });
  }

  it('fails no call where they come one after the other', async () => {
    sandbox().outage({ api: 'plain', forMs: 1_500 });
    const one = client({ concurrency: { max: 1 }, attempts: 1, breaker: { failures: 3, probeEveryMs: 100 } });
    for (const id of ['a', 'b', 'c']) await one.call({ path: `items/${id}`, ...budget() });
    expect(stats().calls).toBeLessThan(20);
  });
});

describe('what comes after the end of the budget is postponed:', () => {
  it('the turn', async () => {
    const one = client({ rates: { calls: { perSecond: 0.1 } } });
    await one.call({ path: 'items/a', takes: { calls: 1 }, ...budget() });
    const startedAt = Date.now();
    const error = await one.call({ path: 'items/b', takes: { calls: 1 }, ...budget(500) }).catch((e) => e);
    expect(error).toBeInstanceOf(Postponed);
    expect(error).toMatchObject({ code: 'TURN_TOO_LATE', waitingFor: `${one.name}/calls` });
    expect(error.until - startedAt).toBeGreaterThan(9_000);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  it('the probe', async () => {
    const memory = memoryLimitStore();
    const one = client({}, { store: memory.store });
    const probeAt = Date.now() + 5_000;
    memory.breakers.set(one.name, { since: Date.now(), probeAt });
    const call = one.call({ path: 'items/a', ...budget(500) });
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_RECOVERING', until: probeAt });
    memory.breakers.set(one.name, { since: Date.now() - 100_000, probeAt });
    const later = client({ name: one.name }, { store: memory.store }).call({ path: 'items/a', ...budget() });
    await expect(later).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });

  it('the next attempt', async () => {
    sandbox().configure({ api: 'plain', errors: { share: 1, status: 500 } });
    const call = client().call({ path: 'items/a', ...budget(0) });
    await expect(call).rejects.toMatchObject({ code: 'RETRY_TOO_LATE' });
    expect(stats().calls).toBe(1);
  });
});

describe('an answer', () => {
  const answering = (body: Buffer, headers: Record<string, string> = {}) => {
    let calls = 0;
    const url = serve((_, response) => {
      calls += 1;
      response.writeHead(200, headers).end(body);
    });
    return { url, calls: () => calls };
  };
  const zipped = { 'content-encoding': 'gzip' };

  it('may be compressed', async () => {
    const { url } = answering(gzipSync('{"found":[1,2]}'), zipped);
    const { body } = await client({ baseUrl: await url }).call({ path: '', ...budget() });
    expect(body).toEqual({ found: [1, 2] });
  });

  for (const [name, body, headers] of [
    ['too large', Buffer.alloc(2_000, 'x'), {}],
    ['too large when unpacked', gzipSync(Buffer.alloc(1_000_000)), zipped],
  ] as const) {
    it(`is refused, once, when it is ${name}`, async () => {
      const { url, calls } = answering(body, headers);
      const call = client({ baseUrl: await url, maxAnswerBytes: 1_500 }).call({ path: '', ...budget() });
      await expect(call).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE', retryable: false });
      expect(calls()).toBe(1);
    });
  }

  it('is asked for again when it is damaged', async () => {
    const { url, calls } = answering(gzipSync('{"found":[1,2]}').subarray(0, 20), zipped);
    const call = client({ baseUrl: await url, attempts: 2 }).call({ path: '', ...budget() });
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_FAILED', retryable: true });
    expect(calls()).toBe(2);
  });
});

it('calls one after the other where that is asked for', async () => {
  const one = client({ concurrency: { max: 1 } });
  await many(12, (index) => one.call({ path: `items/i${index}`, ...budget() }));
  expect(stats()).toMatchObject({ calls: 12, peak: 1 });
});

describe('an upstream that cannot be', () => {
  for (const [more, code, message] of [
    [{ name: 'Plain API' }, 'UPSTREAM_INVALID', "name must have lower-case letters, digits and '-' only"],
    [{ baseUrl: 'plain' }, 'UPSTREAM_INVALID', "baseUrl must be a URL, but was 'plain'"],
    [{ timeoutMs: 0 }, 'UPSTREAM_INVALID', 'timeoutMs must be a whole number of milliseconds from 1'],
    [{ attempts: 11 }, 'UPSTREAM_INVALID', 'attempts must be a whole number from 1 to 10, but was 11'],
    [{ maxAnswerBytes: 0.5 }, 'UPSTREAM_INVALID', 'maxAnswerBytes must be a whole number of at least 1'],
    [{ rates: { calls: { perSecond: 0 } } }, 'RATE_INVALID', 'perSecond must be a number over 0, but was 0'],
    [{ concurrency: { max: 0 } }, 'CONCURRENCY_INVALID', 'max must be a whole number from 1 to 10000'],
    [{ breaker: { failures: 0 } }, 'BREAKER_INVALID', 'failures must be a whole number from 1 to 1000'],
  ] as const) {
    it(`is refused: ${JSON.stringify(more)}`, () => {
      expect(() => client(more)).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      );
    });
  }

  it('has no rate that a call may take unless it is defined', async () => {
    const call = client().call({ path: 'items/a', takes: { calls: 1 }, ...budget() });
    await expect(call).rejects.toMatchObject({ code: 'UNKNOWN_RATE' });
  });
});

/** An address at which nobody listens. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
