import { describe, expect, it } from 'vitest';
import type { SettingsChange } from '../../src/stand-ins/settings.ts';
import { createApiWorld } from '../../src/stand-ins/world.ts';
import { fakeTime } from './fake-time.ts';

/** The plain API on a clock of its own: 100 ms an answer and no limit, unless said otherwise. */
function plainWorld(plain: SettingsChange = {}, timeScale = 1) {
  const { clock, real } = fakeTime();
  const calm: SettingsChange = { latency: { kind: 'constant', ms: 100 }, limits: { requests: null } };
  const world = createApiWorld({
    ...{ timeScale, seed: 1, logLimit: 1000, time: real },
    overrides: { plain: { ...calm, ...plain } },
  });
  /** A call, and when it was answered. */
  const get = async (id: string) => {
    const response = await world.app.request(`/plain/items/${id}`, {}, {});
    return { id, status: response.status, headers: response.headers, at: Math.round(clock.now()) };
  };
  const getAll = (ids: readonly string[]) => clock.run(Promise.all(ids.map(get)));
  return { world, clock, get, getAll };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `item-${index}`);
const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status);

describe('latency and capacity', () => {
  it('everybody is answered after the latency where capacity is not limited', async () => {
    const { getAll } = plainWorld();
    expect((await getAll(ids(50))).map(({ at }) => at)).toEqual(new Array(50).fill(100));
  });

  it('beyond the servers, calls wait for each other, and beyond the queue they are turned away at once', async () => {
    const { getAll, world } = plainWorld({ capacity: { servers: 2, queue: 3 } });
    const answers = await getAll(ids(6));
    expect(answers.map(({ status, at }) => [status, at])).toEqual([
      ...[
        [200, 100],
        [200, 100],
        [200, 200],
        [200, 200],
        [200, 300],
        [503, 0],
      ],
    ]);
    expect(world.log.read().map(({ outcome }) => outcome)).toEqual([
      ...new Array(5).fill('answered'),
      'overloaded',
    ]);
    expect(world.stats.read()).toMatchObject([{ calls: 6, answered: 5, failed: 1, peakInFlight: 6 }]);
  });

  it('a tenth of the time scale is a tenth of the latency', async () => {
    const { getAll } = plainWorld({}, 0.1);
    expect(await getAll(['a'])).toMatchObject([{ at: 10 }]);
  });

  it('calls of the same key and try take the same time, in whatever order they come', async () => {
    const latency = { kind: 'uniform', minMs: 0, maxMs: 1000 } as const;
    const first = await plainWorld({ latency }).getAll(ids(20));
    const again = await plainWorld({ latency }).getAll(ids(20).reverse());
    expect(again.reverse().map(({ at }) => at)).toEqual(first.map(({ at }) => at));
  });
});

describe('limits', () => {
  const limits = { requests: { rate: 2, per: 'second', burst: 2 } } as const;

  it('decide at arrival, however long the answers take', async () => {
    const { getAll, clock } = plainWorld({ limits });
    expect(statuses(await getAll(ids(4)))).toEqual([200, 200, 429, 429]);
    clock.advance(400);
    expect(statuses(await getAll(['a', 'b']))).toEqual([200, 429]);
  });

  it('a tenth of the time scale is ten times the rate, and a tenth of the wait', async () => {
    const { getAll, clock } = plainWorld({ limits, latency: { kind: 'constant', ms: 0 } }, 0.1);
    const refused = (await getAll(ids(3)))[2];
    expect(refused).toMatchObject({ status: 429 });
    expect(refused?.headers.get('retry-after')).toBe('0.05');
    clock.advance(49.999);
    expect(statuses(await getAll(['a']))).toEqual([429]);
    clock.advance(0.001);
    expect(statuses(await getAll(['a']))).toEqual([200]);
  });

  it('tell a wait in whole seconds, rounded up, when time is to scale', async () => {
    const { getAll } = plainWorld({ limits: { requests: { rate: 1, per: 'minute', burst: 1 } } });
    expect((await getAll(['a', 'b']))[1]?.headers.get('retry-after')).toBe('60');
    expect((await plainWorld({ limits }).getAll(ids(3)))[2]?.headers.get('retry-after')).toBe('1');
  });

  it('are noted with every call, at the very time that they decided by', async () => {
    const { getAll, clock, world } = plainWorld({ limits });
    clock.advance(12.5);
    await getAll(ids(3));
    expect(world.log.read()).toMatchObject([
      { at: 12.5, api: 'plain', operation: 'getItem', keys: ['item-0'], admitted: true, outcome: 'answered' },
      { at: 12.5, keys: ['item-1'], admitted: true, status: 200, durationMs: 100 },
      { at: 12.5, keys: ['item-2'], admitted: false, limit: 'requests', status: 429, durationMs: 0 },
    ]);
    expect(world.stats.read()).toMatchObject([{ calls: 3, admitted: 2, rejected: 1, inFlight: 0 }]);
  });
});

describe('scheduled errors', () => {
  it('hit a share of the calls, the same ones in whatever order they come', async () => {
    const errors = { share: 0.2, status: 502 };
    const first = await plainWorld({ errors }).getAll(ids(500));
    const failed = first.filter(({ status }) => status === 502).map(({ id }) => id);
    expect(failed.length).toBeGreaterThan(70);
    expect(failed.length).toBeLessThan(130);
    const again = await plainWorld({ errors }).getAll(ids(500).reverse());
    expect(again.filter(({ status }) => status === 502).map(({ id }) => id)).toEqual(failed.reverse());
  });

  it('leave other tries of the same key their own luck', async () => {
    const { getAll } = plainWorld({ errors: { share: 0.5 } });
    const tries = new Set<number>();
    for (let i = 0; i < 20; i += 1) tries.add((await getAll(['a']))[0]?.status ?? 0);
    expect(tries).toEqual(new Set([200, 500]));
  });

  it('always hit poisoned keys', async () => {
    const { getAll } = plainWorld({ errors: { keys: ['item-1'], keyStatus: 422 } });
    expect(statuses(await getAll(ids(3)))).toEqual([200, 422, 200]);
    expect(statuses(await getAll(['item-1']))).toEqual([422]);
  });

  it('look like a limit where they are a 429', async () => {
    const { getAll, world } = plainWorld({ errors: { share: 1, status: 429 } });
    const [refused] = await getAll(['a']);
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([429, '1']);
    expect(world.stats.read()).toMatchObject([{ admitted: 1, rejected: 0, failed: 1 }]);
  });

  it('may leave the effect behind', async () => {
    const { clock, real } = fakeTime();
    const errors = { share: 1, status: 504, afterEffect: true };
    const overrides = { woocommerce: { errors } };
    const world = createApiWorld({ timeScale: 1, seed: 1, logLimit: 10, time: real, overrides });
    const headers = { authorization: `Basic ${btoa('ck:cs')}`, 'content-type': 'application/json' };
    const path = '/woocommerce/wp-json/wc/v3/products';
    const body = JSON.stringify({ name: 'Mug', sku: 'mug-1' });
    const answer = await clock.run(
      Promise.resolve(world.app.request(path, { method: 'POST', headers, body }, {})),
    );
    expect(answer.status).toBe(504);
    world.machines.woocommerce.configure({ errors: { share: 0 } });
    const found = await clock.run(Promise.resolve(world.app.request(`${path}?sku=mug-1`, { headers }, {})));
    expect(await found.json()).toMatchObject([{ name: 'Mug' }]);
  });
});

describe('outages', () => {
  it('answer 503 at once for as long as they are scheduled', async () => {
    const { getAll, clock, world } = plainWorld({ outages: [{ from: 1000, to: 2000 }] });
    expect(statuses(await getAll(['a']))).toEqual([200]);
    clock.advance(900);
    expect(await getAll(['a'])).toMatchObject([{ status: 503, at: 1000 }]);
    clock.advance(1000);
    expect(statuses(await getAll(['a']))).toEqual([200]);
    expect(world.log.read().map(({ outcome, admitted }) => [outcome, admitted])).toEqual([
      ['answered', true],
      ['outage', false],
      ['answered', true],
    ]);
  });

  it('last as long as they are ordered to, in sandbox time', async () => {
    const { getAll, clock, world } = plainWorld({}, 0.1);
    world.machines.plain.breakDown('unavailable', 1000);
    expect(statuses(await getAll(['a']))).toEqual([503]);
    clock.advance(100);
    expect(statuses(await getAll(['a']))).toEqual([200]);
  });
});

it('what is not there is 404, and noted', async () => {
  const { world } = plainWorld();
  expect((await world.app.request('/plain/nothing')).status).toBe(404);
  expect(world.stats.read()).toMatchObject([{ operation: 'unknown', refused: 1 }]);
});

it('only the last calls are kept, while all are counted', async () => {
  const { clock, real } = fakeTime();
  const world = createApiWorld({ timeScale: 1, seed: 1, logLimit: 3, time: real, overrides: {} });
  const call = (id: string) => Promise.resolve(world.app.request(`/plain/items/${id}`, {}, {}));
  for (const id of ids(10)) await clock.run(call(id));
  expect(world.log.read().flatMap(({ keys }) => keys)).toEqual(['item-7', 'item-8', 'item-9']);
  expect(world.stats.read()).toMatchObject([{ calls: 10 }]);
});
