import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Postponed } from '../../../src/core/engine/errors.ts';
import { createRateLimit } from '../../../src/core/limits/rate.ts';
import { atPace, type RateDefinition, rateRule } from '../../../src/core/limits/rule.ts';
import { memoryLimitStore } from '../../../src/memory/limit-store.ts';
import { randomFrom } from '../../random.ts';
import { FakeClock } from '../engine/fake-clock.ts';
import { startWorker, strictBucket } from './workers.ts';

interface Scene {
  perSecond: number;
  burst: number;
  workers: number;
  slots: number;
  seconds: number;
  seed: number;
}

function stage({ perSecond, burst, workers, slots, seconds, seed }: Scene) {
  // Today's date: what is left of a double's digits must do for the fractions of a millisecond.
  const clock = new FakeClock(1_800_000_000_000);
  const random = randomFrom(seed);
  const memory = memoryLimitStore(() => clock.sleep(1 + 4 * random()));
  const bucket = strictBucket(perSecond / 1000, burst, clock);
  const until = clock.now() + seconds * 1000;
  const { lateMs } = rateRule('search', { perSecond, burst });
  const crew = Array.from({ length: workers }, () =>
    startWorker({
      clock,
      store: memory.store,
      rate: { perSecond, burst },
      slots,
      until,
      networkMs: () => 1 + Math.min(4, lateMs) * random(),
      answerMs: () => 50 + 200 * random(),
      arrive: () => bucket.take(),
    }),
  );
  const run = () => clock.run(Promise.all(crew.map(({ done }) => done)));
  const share = () => bucket.counts.admitted / (perSecond * seconds);
  return { clock, memory, bucket, crew, run, share };
}

describe('a rate shared by eight workers', () => {
  for (const [perSecond, burst] of [
    [8, 8],
    [5, 5],
    [8, 2],
    [5, 2],
    [100, 20],
  ] as const) {
    it(`is used in full and never exceeded: ${perSecond}/s, burst ${burst}`, async () => {
      const { memory, bucket, run, share } = stage({
        perSecond,
        burst,
        workers: 8,
        slots: 10,
        seconds: 60,
        seed: 1,
      });
      await run();
      expect(bucket.counts.refused).toBe(0);
      expect(share()).toBeGreaterThanOrEqual(0.98);
      expect(memory.writes).toBeLessThanOrEqual(bucket.counts.admitted / 5);
    });

    it(`loses little to a worker that is frozen and one that is killed: ${perSecond}/s, burst ${burst}`, async () => {
      const { clock, bucket, crew, run, share } = stage({
        perSecond,
        burst,
        workers: 8,
        slots: 10,
        seconds: 60,
        seed: 2,
      });
      clock.after(20_000, () => crew[3]?.freeze());
      clock.after(30_000, () => crew[3]?.thaw());
      clock.after(40_000, () => crew[5]?.kill());
      await run();
      expect(bucket.counts.refused).toBe(0);
      expect(share()).toBeGreaterThanOrEqual(0.95);
    });
  }
});

it('never exceeds a rate, whatever its size, the workers and their demand', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        perSecond: fc.constantFrom(0.5, 2, 7.5, 40, 300),
        burst: fc.constantFrom(1, 2, 3.5, 10, 120),
        workers: fc.integer({ min: 1, max: 8 }),
        slots: fc.integer({ min: 1, max: 12 }),
        seconds: fc.constant(10),
        seed: fc.integer(),
      }),
      fc.array(fc.record({ worker: fc.nat(7), at: fc.nat(9_000), forMs: fc.nat(3_000) }), { maxLength: 3 }),
      async (scene, freezes) => {
        const { clock, bucket, crew, run } = stage(scene);
        for (const { worker, at, forMs } of freezes) {
          clock.after(at, () => crew[worker]?.freeze());
          clock.after(at + forMs, () => crew[worker]?.thaw());
        }
        await run();
        expect(bucket.counts.refused).toBe(0);
        expect(bucket.counts.admitted).toBeGreaterThan(0);
      },
    ),
    { numRuns: 100 },
  );
});

describe('a rate', () => {
  it('is used in full by workers that make one call after the other', async () => {
    const { bucket, run, share } = stage({
      perSecond: 20,
      burst: 10,
      workers: 8,
      slots: 1,
      seconds: 60,
      seed: 3,
    });
    await run();
    expect(bucket.counts.refused).toBe(0);
    expect(share()).toBeGreaterThanOrEqual(0.95);
  });

  it('is used in full by one worker, with a write in a second or so', async () => {
    const { bucket, memory, run, share } = stage({
      perSecond: 100,
      burst: 10,
      workers: 1,
      slots: 50,
      seconds: 60,
      seed: 4,
    });
    await run();
    expect(bucket.counts.refused).toBe(0);
    expect(share()).toBeGreaterThanOrEqual(0.98);
    expect(memory.writes).toBeLessThan(80);
  });

  it('that nobody else wants is reserved far ahead even for one call after the other', async () => {
    const { bucket, memory, run } = stage({
      perSecond: 100,
      burst: 10,
      workers: 1,
      slots: 1,
      seconds: 60,
      seed: 5,
    });
    await run();
    expect(memory.writes).toBeLessThan(bucket.counts.admitted / 5);
  });

  it('that is hardly used holds nobody up, though several share it', async () => {
    const [workers, slots, seconds] = [2, 10, 120];
    const { bucket, memory, run } = stage({
      perSecond: 10_000,
      burst: 10_000,
      workers,
      slots,
      seconds,
      seed: 6,
    });
    await run();
    const meanMs = 150 + 3;
    expect(bucket.counts.admitted).toBeGreaterThan((0.95 * workers * slots * seconds * 1000) / meanMs);
    expect(memory.writes).toBeLessThan(bucket.counts.admitted / 5);
  });

  it('of so many units that one takes no time to speak of is reserved once for each call', async () => {
    const { clock, limit, memory } = alone({ perMinute: 3_000_000, burst: 3_000_000 }, 1_800_000_000_000);
    const signal = new AbortController().signal;
    const calls = 300;
    const work = async () => {
      for (let call = 0; call < calls; call += 1) {
        await limit.turn({ cost: 801 + (call % 97), signal, stopAt: clock.now() + 60_000 });
        await clock.sleep(700.3);
      }
    };
    await clock.run(work());
    expect(memory.writes).toBeLessThanOrEqual(calls);
  });

  it('postpones at once a call whose turn comes after the budget, and reserves nothing for it', async () => {
    const { clock, limit, memory } = alone({ perSecond: 1, burst: 2 });
    memory.rates.set('search', { until: 60_000, stamp: 'a' });
    const signal = new AbortController().signal;
    const turn = limit.turn({ signal, stopAt: 10_000 });
    await expect(clock.run(turn)).rejects.toMatchObject({ code: 'TURN_TOO_LATE', waitingFor: 'search' });
    await expect(turn).rejects.toSatisfy(({ until }: Postponed) => until > 55_000 && until < 65_000);
    expect(clock.now()).toBeLessThan(100);
    expect(memory.rates.get('search')?.until).toBe(60_000);
  });

  it('lets go of a call that is aborted while it waits', async () => {
    const { clock, limit, memory } = alone({ perSecond: 1, burst: 2 });
    memory.rates.set('search', { until: 5_000, stamp: 'a' });
    const stop = new AbortController();
    const turn = limit.turn({ signal: stop.signal, stopAt: 60_000 });
    clock.after(2_000, () => stop.abort(new Error('enough')));
    await expect(clock.run(turn)).rejects.toThrow('enough');
    expect(clock.now()).toBe(2_000);
  });

  it('is held back by the upstream for every worker, also for calls that were reserved before', async () => {
    const scene = { perSecond: 10, burst: 5, workers: 4, slots: 5, seconds: 20, seed: 6 };
    const { clock, bucket, crew, run } = stage(scene);
    const [first] = crew;
    let before = 0;
    let during = 0;
    clock.after(5_000, () => first?.limit.notBefore(clock.now() + 6_000));
    // Others find out within a second, before they make a call that they had reserved.
    clock.after(6_200, () => {
      before = bucket.counts.admitted;
    });
    clock.after(10_900, () => {
      during = bucket.counts.admitted - before;
    });
    await run();
    expect(during).toBe(0);
    expect(bucket.counts.admitted).toBeGreaterThan(130);
    expect(bucket.counts.refused).toBe(0);
  });

  it('counts what a call costs, and lets the next ones pay for what it cost in the end', async () => {
    const { clock, limit } = alone({ perMinute: 6_000, burst: 2_000 });
    const signal = new AbortController().signal;
    const turnAt = async (cost: number) => {
      await clock.run(limit.turn({ cost, signal, stopAt: Number.POSITIVE_INFINITY }));
      return clock.now();
    };
    await turnAt(1_900);
    limit.correct(1_000);
    // 100 units a second, nearly: 1,000 for the correction and 1,900 for itself, less what the burst still holds.
    const second = await turnAt(1_900);
    expect(second / 1000).toBeGreaterThan(27);
    expect(second / 1000).toBeLessThan(31);
    await expect(limit.turn({ cost: 2_001, signal, stopAt: 1e9 })).rejects.toMatchObject({
      code: 'COST_TOO_HIGH',
    });
  });

  it('whose burst lasts for more than an hour is not taken for damaged', async () => {
    // Keepa's smallest plan: 20 tokens a minute, kept for an hour.
    const { clock, limit } = alone({ perMinute: 20, burst: 1_200 });
    const signal = new AbortController().signal;
    const bucket = strictBucket(20 / 60_000, 1_200, clock);
    for (let calls = 0; calls < 30; calls += 1) {
      await clock.run(limit.turn({ cost: 100, signal, stopAt: Number.POSITIVE_INFINITY }));
      bucket.take(100);
    }
    expect(bucket.counts).toEqual({ admitted: 30, refused: 0 });
    expect(clock.now()).toBeLessThan(1.02 * ((30 * 100 - 1_200) / 20) * 60_000);
  });

  it('is used in full by calls that cost a good part of a block', async () => {
    const { clock, limit } = alone({ perSecond: 500, burst: 5_000 });
    const signal = new AbortController().signal;
    const bucket = strictBucket(0.5, 5_000, clock);
    const slot = async () => {
      for (;;) {
        await limit.turn({ cost: 400, signal, stopAt: 60_000 });
        bucket.take(400);
      }
    };
    await clock.run(Promise.allSettled(Array.from({ length: 20 }, slot)));
    expect(bucket.counts.refused).toBe(0);
    expect((bucket.counts.admitted * 400) / (60 * 500 + 5_000)).toBeGreaterThan(0.93);
  });

  it('is kept by fair shares while the store is out of reach, which is told', async () => {
    const clock = new FakeClock();
    const memory = memoryLimitStore();
    const bucket = strictBucket(0.04, 10, clock);
    const down = () => clock.now() > 10_000 && clock.now() < 40_000;
    const store = new Proxy(memory.store, {
      get: (target, name) =>
        down() ? () => Promise.reject(new Error('out of reach')) : Reflect.get(target, name),
    });
    let told = 0;
    const crew = Array.from({ length: 4 }, () =>
      startWorker({
        clock,
        store,
        rate: { perSecond: 40, burst: 10 },
        slots: 20,
        until: 60_000,
        networkMs: () => 1,
        answerMs: () => 100,
        arrive: () => bucket.take(),
        workers: 4,
        onUnreachable: () => {
          told += 1;
        },
      }),
    );
    await clock.run(Promise.all(crew.map(({ done }) => done)));
    expect(told).toBeGreaterThanOrEqual(4);
    // Where the store comes and goes, the last reserved block and the first fair share may meet.
    expect(bucket.counts.refused).toBeLessThan(0.01 * bucket.counts.admitted);
    expect(bucket.counts.admitted / (40 * 60)).toBeGreaterThan(0.9);
  });

  for (const [damage, until] of [
    ['no number', Number.NaN],
    ['far in the future', 9e15],
    ['far in the past', -9e15],
  ] as const) {
    it(`is repaired, not trusted, when its record is ${damage}`, async () => {
      const { clock, memory, bucket, run, share } = stage({
        perSecond: 20,
        burst: 10,
        workers: 4,
        slots: 5,
        seconds: 30,
        seed: 7,
      });
      clock.after(10_000, () => memory.rates.set('search', { until, stamp: 'damaged' }));
      await run();
      expect(share()).toBeGreaterThan(0.9);
      expect(bucket.counts.refused).toBeLessThanOrEqual(5);
      expect(memory.rates.get('search')?.until).toBeLessThan(clock.now() + 30_000);
    });
  }
});

function alone(rate: RateDefinition, now = 0) {
  const clock = new FakeClock(now);
  const memory = memoryLimitStore();
  const limit = createRateLimit('search', rate, {
    store: memory.store,
    clock,
    workers: 1,
    onUnreachable: () => {},
  });
  return { clock, memory, limit };
}

it("does not lose a worker's first turn to a table that is slower than a turn may be late", async () => {
  const clock = new FakeClock(1_800_000_000_000);
  const startedAt = clock.now();
  const limit = createRateLimit(
    'pricing',
    { perSecond: 0.5 },
    {
      ...{ clock, workers: 1, onUnreachable: () => {} },
      store: memoryLimitStore(() => clock.sleep(60)).store,
    },
  );
  const signal = new AbortController().signal;
  await clock.run(limit.turn({ signal, stopAt: startedAt + 60_000 }));
  expect(clock.now() - startedAt).toBeLessThan(500);
});

describe('a rate that cannot be', () => {
  for (const [definition, message] of [
    [{ perSecond: 0 }, 'Rate search: perSecond must be a number over 0, but was 0'],
    [{ perSecond: -3 }, 'Rate search: perSecond must be a number over 0, but was -3'],
    [{ perMinute: Number.NaN }, 'Rate search: perMinute must be a number over 0, but was NaN'],
    [{ perSecond: 5, burst: 0.5 }, 'Rate search: burst must be a number of at least 1, but was 0.5'],
    [{ burst: 5 }, 'Rate search: a rate has either perSecond or perMinute'],
    [{ perSecond: 5, perMinute: 5 }, 'Rate search: a rate has either perSecond or perMinute'],
  ] as const) {
    it(`is refused: ${JSON.stringify(definition)}`, () => {
      expect(() => alone(definition)).toThrow(expect.objectContaining({ code: 'RATE_INVALID', message }));
    });
  }
});

it('at another pace has the same burst', () => {
  expect(atPace({ perSecond: 2, burst: 5 }, 10)).toEqual({ perSecond: 20, burst: 5 });
  expect(atPace({ perMinute: 60 }, 0.5)).toEqual({ perMinute: 30 });
});
