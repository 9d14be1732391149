import { describe, expect, it } from 'vitest';
import { dynamoSharedCache } from '../../../src/aws/shared-cache.ts';
import { systemClock } from '../../../src/core/engine/clock.ts';
import { type CacheOptions, createCache, type SharedCache } from '../../../src/core/http/cache.ts';
import { cloudOfFile } from '../jobs/cloud.ts';
import { ShiftableClock } from '../jobs/surroundings.ts';

const { dynamo, table } = await cloudOfFile();
const never = new AbortController().signal;
let names = 0;

/** Two workers that share a cache of their own. */
function twoWorkers(more: Partial<CacheOptions> = {}) {
  const clock = new ShiftableClock();
  const shared = dynamoSharedCache(dynamo, table, `test-${names++}`);
  const unreachable: unknown[] = [];
  const make = () =>
    createCache({
      size: 100,
      ttlMs: 60_000,
      fetchMs: 5_000,
      clock,
      shared,
      onUnreachable: (error) => unreachable.push(error),
      ...more,
    });
  let fetches = 0;
  const gate = Promise.withResolvers<void>();
  const fetch = async () => {
    fetches += 1;
    await gate.promise;
    return { found: fetches };
  };
  return {
    clock,
    shared,
    one: make(),
    other: make(),
    fetch,
    open: gate.resolve,
    count: () => fetches,
    unreachable,
  };
}

describe('a key', () => {
  it('is fetched once for all who ask at the same time, in one process and in another', async () => {
    const { one, other, fetch, open, count } = twoWorkers();
    const asked = [one, one, other, other, one].map((cache) => cache.get('a', never, fetch));
    open();
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 5 }, () => ({ found: 1 })));
    expect(count()).toBe(1);
  });

  it('is known to a process that starts later, until it is no longer fresh', async () => {
    const { clock, one, other, fetch, open, count } = twoWorkers();
    open();
    await one.get('a', never, fetch);
    expect(await other.get('a', never, fetch)).toEqual({ found: 1 });
    clock.shift(61_000);
    expect(await one.get('a', never, fetch)).toEqual({ found: 2 });
    expect(await other.get('a', never, fetch)).toEqual({ found: 2 });
    expect(count()).toBe(2);
  });

  it('is not claimed by one that looked just before it came', async () => {
    const { clock, shared } = twoWorkers();
    const now = clock.now();
    await shared.claim('a', now, now + 5_000);
    expect(await shared.get('a', now)).toBeUndefined();
    await shared.set('a', { value: 'found', freshUntil: now + 60_000 });
    expect(await shared.claim('a', now, now + 5_000)).toBe(false);
    expect(await shared.get('a', now)).toMatchObject({ value: 'found' });
    expect(await shared.claim('a', now + 60_000, now + 65_000)).toBe(true);
  });

  it('whose fetch fails fails for those who waited, and is fetched anew by the next', async () => {
    const { one, other } = twoWorkers();
    const fails = async () => {
      throw new Error('no luck');
    };
    const settled = await Promise.allSettled([one.get('a', never, fails), one.get('a', never, fails)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await other.get('a', never, async () => 'luck')).toBe('luck');
  });

  it('is fetched by another when the worker that had begun is gone', async () => {
    const { clock, shared, one } = twoWorkers({ fetchMs: 1_000 });
    const now = clock.now();
    await shared.claim('a', now, now + 1_000);
    clock.shift(1_001);
    expect(await one.get('a', never, async () => 'anew')).toBe('anew');
  });

  it('is still fetched for the others when one gives up', async () => {
    const { one, fetch, open } = twoWorkers();
    const stop = new AbortController();
    const [given, kept] = [one.get('a', stop.signal, fetch), one.get('a', never, fetch)];
    stop.abort(new Error('gave up'));
    open();
    await expect(given).rejects.toThrow('gave up');
    expect(await kept).toEqual({ found: 1 });
  });

  it('is fetched also where the shared store is out of reach', async () => {
    const gone = new Proxy({} as SharedCache, { get: () => () => Promise.reject(new Error('out of reach')) });
    const { one, fetch, open, count, unreachable } = twoWorkers({ shared: gone, clock: systemClock });
    open();
    expect(await one.get('a', never, fetch)).toEqual({ found: 1 });
    expect(await one.get('a', never, fetch)).toEqual({ found: 1 });
    expect(count()).toBe(1);
    expect(unreachable.length).toBeGreaterThan(0);
  });

  it('with a value that the table cannot hold is kept by the process alone', async () => {
    const { one, other } = twoWorkers();
    const large = async () => 'x'.repeat(400_000);
    expect(await one.get('a', never, large)).toHaveLength(400_000);
    expect(await one.get('a', never, async () => 'other')).toHaveLength(400_000);
    expect(await other.get('a', never, async () => 'other')).toBe('other');
  });
});
