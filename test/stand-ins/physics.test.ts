import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCapacity } from '../../src/stand-ins/physics/capacity.ts';
import { createTries, randomOf } from '../../src/stand-ins/physics/chance.ts';
import { type Latency, latencySchema, sample } from '../../src/stand-ins/physics/latency.ts';
import { createLimits } from '../../src/stand-ins/physics/limits.ts';
import { createOutages } from '../../src/stand-ins/physics/outages.ts';
import { createTime, milliseconds } from '../../src/stand-ins/physics/time.ts';
import { fakeTime } from './fake-time.ts';

const draws = (latency: Latency, count: number, seed = 1) => {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => sample(latency, random)).sort((a, b) => a - b);
};

describe('latency', () => {
  it('is the same for the same seed, and another for another', () => {
    const latency = { kind: 'uniform', minMs: 0, maxMs: 1000 } as const;
    expect(draws(latency, 20, 7)).toEqual(draws(latency, 20, 7));
    expect(draws(latency, 20, 7)).not.toEqual(draws(latency, 20, 8));
  });

  it('is spread as it says', () => {
    expect(draws({ kind: 'constant', ms: 42 }, 3)).toEqual([42, 42, 42]);
    const uniform = draws({ kind: 'uniform', minMs: 100, maxMs: 200 }, 10_000);
    expect(uniform[0]).toBeGreaterThanOrEqual(100);
    expect(uniform[9999]).toBeLessThan(200);
    expect(uniform[5000]).toBeCloseTo(150, -1);
    const tail = draws({ kind: 'log-normal', medianMs: 1000, sigma: 0.5 }, 10_000);
    expect((tail[5000] ?? 0) / 1000).toBeCloseTo(1, 1);
    // One standard deviation above: 84.1% of a normal distribution are below.
    expect((tail[8413] ?? 0) / (1000 * Math.exp(0.5))).toBeCloseTo(1, 1);
  });

  it.each([
    { kind: 'constant', ms: -1 },
    { kind: 'uniform', minMs: 2, maxMs: 1 },
    { kind: 'log-normal', medianMs: 1, sigma: 0.1, ms: 1 },
    { kind: 'normal', ms: 1 },
  ])('refuses %j', (latency) => {
    expect(latencySchema.safeParse(latency).success).toBe(false);
  });
});

describe('capacity', () => {
  it('serves in the order of arrival, by as many servers as there are, as a simulation does', () => {
    const arrivals = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 50 }), work: fc.integer({ min: 1, max: 100 }) }),
      { maxLength: 50 },
    );
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 5 }), fc.nat(5), (arrivals, servers, queue) => {
        const capacity = createCapacity({ servers, queue });
        const admitted: { arrival: number; startsAt: number; endsAt: number }[] = [];
        let now = 0;
        for (const { gap, work } of arrivals) {
          now += gap;
          const busy = admitted.filter(({ startsAt, endsAt }) => startsAt <= now && now < endsAt).length;
          const waiting = admitted.filter(({ startsAt }) => startsAt > now).length;
          const place = capacity.admit(now, work);
          expect(place === undefined).toBe(busy === servers && waiting >= queue);
          if (place === undefined) continue;
          expect(place.endsAt - place.startsAt).toBe(work);
          // Nobody waits while a server is free, and nobody is overtaken.
          expect(place.startsAt > now).toBe(busy === servers);
          expect(place.startsAt).toBeGreaterThanOrEqual(admitted.at(-1)?.startsAt ?? 0);
          admitted.push({ arrival: now, ...place });
        }
        for (const { startsAt } of admitted) {
          const atOnce = admitted.filter((other) => other.startsAt <= startsAt && startsAt < other.endsAt);
          expect(atOnce.length).toBeLessThanOrEqual(servers);
        }
      }),
    );
  });
});

describe('limits', () => {
  const limit = { rate: 1, per: 'second', burst: 2 } as const;

  it('takes from all buckets or from none, and tells of the one that is closed longest', () => {
    const limits = createLimits({ calls: limit, tokens: { ...limit, burst: 10 } }, () => 0n);
    expect(limits.take(0n, 'me', { calls: 1, tokens: 9 })).toBeUndefined();
    expect(limits.take(0n, 'me', { calls: 1, tokens: 3 })).toEqual({
      ...{ limit: 'tokens', account: 'me', cost: 3, waitMs: 2000 },
    });
    expect(limits.bucket('calls', 'me')?.left(0n)).toBe(1);
  });

  it('counts each account by itself', () => {
    const limits = createLimits({ calls: limit }, () => 0n);
    expect(limits.take(0n, 'me', { calls: 2 })).toBeUndefined();
    expect(limits.take(0n, 'me', { calls: 1 })).toBeDefined();
    expect(limits.take(0n, 'you', { calls: 2 })).toBeUndefined();
  });

  it('lets everything through where a limit is lifted', () => {
    const limits = createLimits({ calls: limit }, () => 0n);
    limits.change({ calls: null });
    expect(limits.take(0n, 'me', { calls: 1000 })).toBeUndefined();
    limits.change({ calls: limit });
    expect(limits.take(0n, 'me', { calls: 3 })?.waitMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('outages', () => {
  it('come as scheduled, from and not including to', () => {
    const outages = createOutages([
      { from: 100, to: 200, mode: 'hang' },
      { from: 150, to: 300, mode: 'reset' },
    ]);
    expect([99, 100, 199, 200, 299, 300].map(outages.at)).toEqual([
      ...[undefined, 'hang', 'hang', 'reset', 'reset', undefined],
    ]);
  });

  it('begin and end by hand, or by themselves', () => {
    const outages = createOutages([]);
    outages.begin('unavailable', 50);
    expect([49, 50].map(outages.at)).toEqual(['unavailable', undefined]);
    outages.begin('reset', Number.POSITIVE_INFINITY);
    expect(outages.at(1e9)).toBe('reset');
    outages.end();
    expect(outages.at(1e9)).toBeUndefined();
  });
});

describe('time', () => {
  it('goes ten times as fast at a scale of 0.1', async () => {
    const { clock, real } = fakeTime();
    const time = createTime(0.1, real);
    await clock.run(time.wait(1000));
    expect(clock.now()).toBe(100);
    expect(milliseconds(time.now())).toBe(1000);
    expect(time.realMs(time.now())).toBe(100);
    expect(time.toReal(1000)).toBe(100);
  });

  it('is exact at a scale that binary fractions are not', () => {
    const { clock, real } = fakeTime();
    const time = createTime(0.3, real);
    clock.after(0.3, () => {});
    clock.advance(0.3);
    expect(time.now()).toBe(1_000_000n);
  });

  it.each([0, -1, 0.0001, 1001, Number.NaN])('refuses a scale of %d', (scale) => {
    expect(() => createTime(scale)).toThrow(RangeError);
  });

  it('wakes nobody once it is stopped', () => {
    const { clock, real } = fakeTime();
    const time = createTime(1, real);
    void time.wait(10);
    time.stop();
    void time.wait(10);
    expect(clock.pendingTimers).toBe(0);
  });
});

it('tries of a key are counted', () => {
  const tryOf = createTries();
  expect([tryOf('a'), tryOf('b'), tryOf('a'), tryOf('a')]).toEqual([0, 0, 1, 2]);
});
