import { promises as dns } from 'node:dns';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { createAddressGuard } from '../../../src/core/http/addresses.ts';
import { createUpstream } from '../../../src/core/http/client.ts';
import type { UpstreamDefinition } from '../../../src/core/http/definition.ts';
import { depsOf, never, useClosing, useServers } from '../../workloads/clients.ts';
import { fastClock } from '../engine/fast-clock.ts';

const serve = useServers();
const closing = useClosing();

const fast = fastClock(50);
const budget = (ms = 250_000) => ({ signal: never, stopAt: fast.now() + ms });

type Answers = (path: string, response: ServerResponse, request: IncomingMessage) => void;

/** A client of a server with these manners, and the paths that were asked for. */
async function client(answers: Answers, more: Partial<UpstreamDefinition> = {}) {
  const asked: string[] = [];
  const baseUrl = await serve((request, response) => {
    const path = (request.url ?? '').slice(1);
    asked.push(path);
    answers(path, response, request);
  });
  const upstream = closing(createUpstream({ name: 'api', baseUrl, ...more }, depsOf({ clock: fast })));
  const call = (path: string, ms?: number, headers = {}) => upstream.call({ path, headers, ...budget(ms) });
  return { asked, call, upstream };
}

const fine = (response: ServerResponse) => response.end('{}');
const fail = (status: number) => (response: ServerResponse) => void response.writeHead(status).end('boom');

describe('an upstream that fails everything', () => {
  it.each<[string, (response: ServerResponse) => void, Partial<UpstreamDefinition>]>([
    ['500', fail(500), {}],
    ['502', fail(502), {}],
    ['503 without a time', fail(503), {}],
    ['529', fail(529), {}],
    ['408', fail(408), {}],
    ['closed connections', (response) => void response.destroy(), {}],
    ['silence', () => {}, { timeoutMs: 5_000 }],
  ])('with %s is down, for any number of calls, and none of them fails', async (_, trouble, more) => {
    const meets = async (count: number, concurrency: number) => {
      let isUp = false;
      const one = await client((_, response) => (isUp ? fine(response) : trouble(response)), {
        concurrency: { min: concurrency, max: concurrency },
        ...more,
      });
      setTimeout(() => {
        isUp = true;
      }, 120);
      const answers = await Promise.all(Array.from({ length: count }, (_, n) => one.call(`i${n}`)));
      expect(answers.map(({ status }) => status)).toEqual(Array(count).fill(200));
    };
    await Promise.all([meets(1, 1), meets(3, 1), meets(15, 8)]);
  });

  it('in the middle of a run is waited for by the call that found it, however few come after it', async () => {
    let isUp = true;
    const one = await client((_, response) => (isUp ? fine : fail(500))(response), {
      attempts: 1,
      concurrency: { max: 1 },
    });
    await one.call('first');
    isUp = false;
    setTimeout(() => {
      isUp = true;
    }, 120);
    expect(await one.call('second')).toMatchObject({ status: 200 });
  });

  it('is postponed when the budget ends, and the item goes back', async () => {
    const one = await client((_, response) => fail(500)(response));
    await expect(one.call('a', 10_000)).rejects.toBeInstanceOf(Postponed);
    await expect(one.call('b', 1_000_000)).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });
});

describe('a call that always fails, with 500', () => {
  const spoiling = (path: string, response: ServerResponse) =>
    (path.startsWith('bad') ? fail(500) : fine)(response);

  it.each([1, 3])('fails by itself beside others that succeed, after %i attempts', async (attempts) => {
    const one = await client(spoiling, { attempts, concurrency: { min: 4, max: 4 } });
    const paths = Array.from({ length: 40 }, (_, n) => (n === 20 ? 'bad' : `i${n}`));
    const settled = await Promise.allSettled(paths.map((path) => one.call(path)));
    const failed = settled.flatMap((end, n) =>
      end.status === 'rejected' ? [[paths[n], end.reason.code]] : [],
    );
    expect(failed).toEqual([['bad', 'UPSTREAM_FAILED']]);
    expect(one.asked.filter((path) => path === 'bad')).toHaveLength(attempts);
  });

  it('fails by itself as the last one, because what went well before still does', async () => {
    const one = await client(spoiling, { attempts: 3, concurrency: { max: 1 } });
    await one.call('good');
    await expect(one.call('bad')).rejects.toMatchObject({ code: 'UPSTREAM_FAILED', retryable: true });
    expect(one.asked).toEqual(['good', 'bad', 'bad', 'bad', 'good']);
  });

  it('fails with a dozen of its kind and nothing else left', async () => {
    const one = await client(spoiling, { attempts: 2, concurrency: { min: 12, max: 12 } });
    await one.call('good');
    const settled = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => one.call(`bad${n}`)));
    expect(settled.map(({ status }) => status)).toEqual(Array(12).fill('rejected'));
    expect(settled.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []))).toEqual(
      Array(12).fill('UPSTREAM_FAILED'),
    );
  });

  it('does not keep the upstream down as the only one that is left to probe it', async () => {
    let isUp = true;
    const one = await client((path, response) => (isUp ? spoiling(path, response) : fail(503)(response)), {
      concurrency: { max: 1 },
    });
    await one.call('good');
    isUp = false;
    setTimeout(() => {
      isUp = true;
    }, 120);
    await expect(one.call('bad')).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
  });

  it('fails too where half of all calls fail, and no outage is seen in it', async () => {
    let calls = 0;
    const flaky = (_: string, response: ServerResponse) => (calls++ % 2 === 0 ? fine : fail(500))(response);
    const one = await client(flaky, { attempts: 1, concurrency: { min: 4, max: 4 } });
    const settled = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => one.call(`i${n}`)));
    const failed = settled.filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThan(10);
    expect(failed.length).toBeLessThan(30);
  });
});

describe('a call that must not be made twice', () => {
  const once = (one: Awaited<ReturnType<typeof client>>, path: string) =>
    one.upstream.call({ method: 'POST', path, json: {}, ...budget() });

  it('waits for an upstream that says it does nothing now, and fails where it may have acted', async () => {
    let status = 503;
    const one = await client((_, response) => (status === 200 ? fine : fail(status))(response));
    setTimeout(() => {
      status = 200;
    }, 120);
    expect(await once(one, 'a')).toMatchObject({ status: 200 });
    status = 500;
    await expect(once(one, 'b')).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    expect(one.asked.filter((path) => path === 'b')).toHaveLength(1);
  });

  it('is not lost as a probe while there is another question to ask', async () => {
    let isUp = true;
    const one = await client((_, response) => (isUp ? fine : fail(500))(response), {
      concurrency: { max: 1 },
    });
    await one.call('question');
    isUp = false;
    const lost = await Promise.allSettled(Array.from({ length: 5 }, (_, n) => once(one, `first${n}`)));
    expect(lost.filter(({ status }) => status === 'rejected')).not.toHaveLength(0);
    setTimeout(() => {
      isUp = true;
    }, 500);
    const later = await Promise.all(Array.from({ length: 5 }, (_, n) => once(one, `later${n}`)));
    expect(later.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('a host that the DNS does not know', () => {
  /** A client of a server under a name, which the DNS knows as long as `isKnown`. */
  async function named() {
    const state = { isKnown: false, lookups: 0 };
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation((async () => {
      state.lookups += 1;
      if (!state.isKnown) throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
      return [{ address: '127.0.0.1', family: 4 }];
    }) as unknown as typeof dns.lookup);
    onTestFinished(() => lookup.mockRestore());
    const url = await serve((_, response) => response.writeHead(200, { connection: 'close' }).end('{}'));
    const { port } = new URL(url);
    const one = await client(() => undefined, {
      baseUrl: `http://shop.example:${port}`,
      addresses: createAddressGuard(['127.0.0.0/8']),
    });
    return { ...one, state };
  }

  it('is told at once, and stops the job', async () => {
    const { call, state } = await named();
    await expect(call('a')).rejects.toMatchObject({
      code: 'HOST_NOT_FOUND',
      message: 'api: There is no host shop.example',
      retryable: false,
      stopsJob: true,
    });
    await expect(call('b')).rejects.toMatchObject({ code: 'HOST_NOT_FOUND' });
    expect(state.lookups).toBe(2);
  });

  it('but has answered before is waited for', async () => {
    const { call, state } = await named();
    state.isKnown = true;
    await call('a');
    state.isKnown = false;
    setTimeout(() => {
      state.isKnown = true;
    }, 120);
    const answers = await Promise.all(['b', 'c', 'd', 'e', 'f', 'g'].map((path) => call(path)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(state.lookups).toBeGreaterThan(7);
  });
});

describe('a key that is refused', () => {
  it.each([401, 402, 403])('with %i is sent three times at most', async (status) => {
    const one = await client((_, response) => void setTimeout(() => fail(status)(response), 20), {
      concurrency: { min: 20, max: 20 },
    });
    const headers = { authorization: 'Bearer wrong' };
    const settled = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => one.call(`i${n}`, 250_000, headers)),
    );
    const codes = settled.map((end) => end.status === 'rejected' && end.reason.code);
    expect(codes).toEqual(Array(40).fill('CREDENTIALS_REFUSED'));
    expect(one.asked.length).toBeLessThanOrEqual(3);
  });

  it('wherever it is, and whatever else looks like one', async () => {
    const one = await client((_, response) => void setTimeout(() => fail(401)(response), 20), {
      concurrency: { min: 20, max: 20 },
    });
    const calls = Array.from({ length: 40 }, (_, n) =>
      one.upstream.call({
        ...budget(),
        ...{ path: `secret/i${n}`, keyOf: 'job', headers: { 'idempotency-key': `i${n}` } },
      }),
    );
    await Promise.allSettled(calls);
    expect(one.asked.length).toBeLessThanOrEqual(3);
  });

  it('holds up no other key, and no call once a key is accepted', async () => {
    let most = 0;
    let underWay = 0;
    const one = await client(
      (_, response, { headers }) => {
        most = Math.max(most, ++underWay);
        setTimeout(() => {
          underWay -= 1;
          (headers['x-api-key'] === 'right' ? fine : fail(401))(response);
        }, 20);
      },
      { concurrency: { min: 20, max: 20 } },
    );
    await expect(one.call('a', 250_000, { 'x-api-key': 'wrong' })).rejects.toMatchObject({
      code: 'CREDENTIALS_REFUSED',
    });
    const right = { 'x-api-key': 'right' };
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => one.call(`i${n}`, 250_000, right)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(most).toBeGreaterThan(10);
  });
});
