import { describe, expect, it, onTestFinished } from 'vitest';
import { type SandboxOptions, startSandbox } from '../../src/stand-ins/sandbox.ts';
import { eventually } from '../local/harness.ts';
import { useSandbox } from './http.ts';

const { call, get, sandbox } = useSandbox();

interface Control {
  calls: readonly object[];
  operations: readonly object[];
  errors: readonly { path: string }[];
}

const control = (path: string, order?: unknown) =>
  call<Control>(`${sandbox().url}/__sandbox/${path}`, {
    ...(order !== undefined && { method: 'POST', body: JSON.stringify(order) }),
  });

async function start(options: SandboxOptions) {
  const started = await startSandbox(options);
  onTestFinished(() => started.stop());
  return started;
}

describe('control over HTTP', () => {
  it('reads the log, by API and time, with the caller’s name', async () => {
    await get('plain', '/items/a', { 'x-worker': 'worker-1' });
    const since = Date.now() + 1;
    while (Date.now() < since);
    await get('plain', '/items/b');
    await get('cards', '/nothing');
    const { body } = await control('log?api=plain');
    expect(body.calls).toMatchObject([{ keys: ['a'], worker: 'worker-1' }, { keys: ['b'] }]);
    expect((await control(`log?api=plain&since=${since}`)).body.calls).toMatchObject([{ keys: ['b'] }]);
    expect((await control('log')).body.calls).toHaveLength(3);
  });

  it('reads the counts', async () => {
    await get('plain', '/items/a');
    const { body } = await control('stats');
    expect(body.operations).toMatchObject([
      {
        ...{ api: 'plain', operation: 'getItem', calls: 1, admitted: 1, answered: 1, rejected: 0, failed: 0 },
        ...{ inFlight: 0, peakInFlight: 1, firstAt: expect.any(Number), lastAt: expect.any(Number) },
      },
    ]);
  });

  it('changes settings, and leaves out what is not mentioned', async () => {
    const limits = { requests: { rate: 0.001, burst: 1 } };
    expect((await control('configure', { api: 'plain', limits })).status).toBe(204);
    expect((await get('plain', '/items/a')).status).toBe(200);
    expect((await get('plain', '/items/a')).status).toBe(429);
    await control('configure', {
      api: 'plain',
      errors: { share: 1, status: 502 },
      limits: { requests: null },
    });
    expect((await get('plain', '/items/a')).status).toBe(502);
  });

  it('resets everything', async () => {
    await control('configure', { api: 'plain', errors: { share: 1 } });
    await control('outage', { api: 'serper', on: true });
    await get('plain', '/items/a');
    expect((await control('reset', {})).status).toBe(204);
    expect((await control('log')).body.calls).toEqual([]);
    expect((await get('plain', '/items/a')).status).toBe(200);
    expect((await get('serper', '/search')).status).toBe(404);
  });

  it.each([
    ['configure', { api: 'nobody' }, 'api'],
    ['configure', { api: 'plain', latency: { kind: 'constant', ms: -1 } }, 'latency.ms'],
    ['configure', { api: 'plain', limits: { other: { rate: 1 } } }, 'limits.other'],
    ['configure', { api: 'plain', limits: { requests: { rate: 0 } } }, 'limits.requests.rate'],
    ['configure', { api: 'plain', errors: { share: 2 } }, 'errors.share'],
    ['configure', { api: 'plain', capacity: { servers: 0, queue: 1 } }, 'capacity.servers'],
    ['configure', { api: 'plain', speed: 1 }, ''],
    ['outage', { api: 'plain' }, ''],
    ['outage', { api: 'plain', on: true, mode: 'slow' }, ''],
    ['outage', { api: 'plain', forMs: -5 }, 'forMs'],
  ])('refuses %s %j', async (path, order, at) => {
    const { status, headers, body } = await control(path, order);
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect(body.errors.map(({ path }) => path)).toContain(at);
  });

  it('refuses what is no JSON, unknown parameters and unknown paths', async () => {
    const url = `${sandbox().url}/__sandbox/configure`;
    expect((await call(url, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await control('log?api=nobody')).status).toBe(400);
    expect((await control('log?limit=5')).status).toBe(400);
    expect((await control('nothing')).status).toBe(404);
  });
});

describe('an outage', () => {
  it('is a 503 in the API’s own words, until it is ended', async () => {
    await control('outage', { api: 'sp-api', on: true });
    const { status, body } = await get('sp-api', '/catalog/2022-04-01/items');
    expect(status).toBe(503);
    expect(body).toMatchObject({ errors: [{ code: 'ServiceUnavailable' }] });
    expect((await get('plain', '/items/a')).status).toBe(200);
    await control('outage', { api: 'sp-api', on: false });
    expect((await get('sp-api', '/catalog/2022-04-01/items')).status).toBe(403);
  });

  it('may tear connections down', async () => {
    await control('outage', { api: 'plain', on: true, mode: 'reset' });
    const failure = await get('plain', '/items/a').catch((error: Error) => error.cause);
    expect(failure).toMatchObject({ code: 'ECONNRESET' });
    await eventually('the end of the call', () => sandbox().stats()[0]?.inFlight === 0);
    expect(sandbox().log()).toMatchObject([{ outcome: 'outage', admitted: false }]);
    expect(sandbox().log()[0]?.status).toBeUndefined();
  });

  it('may leave callers hanging until they go away', async () => {
    await control('outage', { api: 'plain', on: true, mode: 'hang' });
    const impatient = new AbortController();
    const hanging = fetch(`${sandbox().urls.plain}/items/a`, { signal: impatient.signal });
    await eventually('the call to hang', () => sandbox().log().length === 1);
    expect(sandbox().log()).toMatchObject([{ outcome: 'open' }]);
    await control('outage', { api: 'plain', on: false });
    expect((await get('plain', '/items/b')).status).toBe(200);
    impatient.abort();
    await expect(hanging).rejects.toThrow();
    await eventually('the end of the call', () => sandbox().log()[0]?.outcome === 'outage');
    expect(sandbox().stats()).toMatchObject([{ calls: 2, answered: 1, failed: 1, inFlight: 0 }]);
  });
});

describe('a sandbox', () => {
  it('stops at once, whoever is waiting', async () => {
    const stopping = await start({ overrides: { plain: { latency: { kind: 'constant', ms: 60_000 } } } });
    stopping.outage({ api: 'cards', mode: 'hang', on: true });
    const waiting = [
      fetch(`${stopping.urls.plain}/items/a`),
      fetch(`${stopping.urls.cards}/recommendations`, { method: 'POST' }),
    ].map((answer) => answer.catch(() => 'cut off'));
    await eventually('the calls', () => stopping.log().length === 2);
    const stoppedAt = performance.now();
    await stopping.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(3_000);
    expect(await Promise.all(waiting)).toEqual(['cut off', 'cut off']);
    await expect(fetch(stopping.url)).rejects.toThrow();
  });

  it('keeps its first settings over a reset', async () => {
    const { urls, configure, reset } = await start({ overrides: { plain: { errors: { keys: ['a'] } } } });
    const status = async () => (await fetch(`${urls.plain}/items/a`)).status;
    configure({ api: 'plain', errors: { keys: [] } });
    expect(await status()).toBe(200);
    reset();
    expect(await status()).toBe(500);
  });

  it('refuses settings that make no sense', async () => {
    await expect(startSandbox({ overrides: { plain: { limits: { none: null } } } })).rejects.toThrow('none');
    await expect(startSandbox({ timeScale: 0 })).rejects.toThrow('time scale');
    expect(() => sandbox().configure({ api: 'plain', errors: { share: -1 } })).toThrow('share');
  });

  it('never lets more through than a limit allows, whoever calls', async () => {
    const limits = { requests: { rate: 20, per: 'second', burst: 5 } } as const;
    const latency = { kind: 'constant', ms: 10 } as const;
    const { urls, log } = await start({ overrides: { plain: { latency, limits } } });
    const admitted = () => log().filter((call) => call.admitted);
    const worker = async (name: string) => {
      while (admitted().length < 15) {
        const answer = await fetch(`${urls.plain}/items/${name}`, { headers: { 'x-worker': name } });
        await answer.arrayBuffer();
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => worker(`worker-${index}`)));
    expect(log().some(({ status }) => status === 429)).toBe(true);
    const times = admitted().map(({ at }) => at);
    times.forEach((first, from) => {
      times.slice(from).forEach((last, more) => {
        // The log's times are rounded to what a double holds.
        expect(more + 1).toBeLessThanOrEqual(5 + ((last - first) * 20) / 1000 + 1e-6);
      });
    });
  });
});
