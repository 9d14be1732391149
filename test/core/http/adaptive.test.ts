import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConcurrencyDefinition, createSlots } from '../../../src/core/http/adaptive.ts';
import { randomFrom } from '../../random.ts';
import { FakeClock } from '../engine/fake-clock.ts';

const never = new AbortController().signal;

interface Server {
  /** Calls that it works on at the same time; others queue. */
  at: number;
  /** Median time that a call takes, in milliseconds; log-normal with `sigma`. */
  medianMs: number;
  sigma: number;
  /** Calls that it holds at most; others are refused. */
  holds: number;
}

/** An upstream in simulated time, and callers that always want more than it can do. */
function simulate(server: Server, definition: ConcurrencyDefinition, forMs: number, seed = 1) {
  const clock = new FakeClock();
  const random = randomFrom(seed);
  const slots = createSlots('search', definition, clock);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const queue: (() => void)[] = [];
  let busy = 0;
  let underWay = 0;
  const seen = { most: 0, done: [] as number[], refused: [] as number[], limits: [] as number[] };

  const serve = async (): Promise<boolean> => {
    if (busy + queue.length >= server.holds) return false;
    if (busy < server.at) busy += 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    await clock.sleep(server.medianMs * Math.exp(server.sigma * normal()));
    const next = busy > server.at ? undefined : queue.shift();
    if (next) next();
    else busy -= 1;
    return true;
  };

  const caller = async () => {
    while (clock.now() < forMs) {
      await slots.run(never, async (tell) => {
        underWay += 1;
        seen.most = Math.max(seen.most, underWay);
        seen.limits.push(slots.limit);
        const from = clock.now();
        const fine = await serve();
        if (!fine) await clock.sleep(5);
        seen[fine ? 'done' : 'refused'].push(clock.now());
        tell(fine ? 'fine' : 'overloaded', clock.now() - from);
        underWay -= 1;
      });
    }
  };
  const all = Promise.all(Array.from({ length: 200 }, caller));
  return { clock, slots, seen, run: () => clock.run(all) };
}

const between = (times: number[], from: number, to: number) =>
  times.filter((at) => at >= from && at < to).length;

describe('an upstream of 100 calls a second, which nobody knows', () => {
  for (const [name, sigma, start] of [
    ['steady latency, from 5 calls at once', 0.1, 5],
    ['latency as APIs have it, from 5 calls at once', 0.5, 5],
    ['latency as APIs have it, from one call at a time', 0.5, 1],
    ['latency all over the place, from 5 calls at once', 1, 5],
  ] as const) {
    it(`is used in full after 10 s without being overrun: ${name}`, async () => {
      const medianMs = 200 / Math.exp(sigma ** 2 / 2); // so that the mean is 200 ms: 20 at once make 100 a second
      const server = { at: 20, medianMs, sigma, holds: 60 };
      for (const seed of [1, 2, 3]) {
        const { seen, run } = simulate(server, { start, min: 1, max: 200 }, 60_000, seed);
        await run();
        if (start > 1) expect(between(seen.done, 5_000, 10_000)).toBeGreaterThan(450);
        expect(between(seen.done, 10_000, 60_000)).toBeGreaterThan(0.95 * 5_000);
        expect(seen.refused).toEqual([]);
        expect(seen.most).toBeLessThan(45);
      }
    });
  }

  it('is used in full soon after others have left it', async () => {
    // For 30 s they leave 15 calls a second, then all 500.
    const server = { at: 3, medianMs: 200, sigma: 0.1, holds: 200 };
    const { clock, seen, run } = simulate(server, { start: 5, min: 1, max: 200 }, 60_000);
    clock.after(30_000, () => {
      server.at = 100;
    });
    await run();
    expect(between(seen.done, 34_000, 36_000)).toBeGreaterThan(0.9 * 1_000);
  });

  it('that refuses what it cannot do at once is used in full, with few refusals', async () => {
    const server = { at: 20, medianMs: 200, sigma: 0.1, holds: 20 };
    const { seen, run } = simulate(server, { start: 5, min: 1, max: 200 }, 60_000);
    await run();
    expect(between(seen.done, 10_000, 60_000)).toBeGreaterThan(0.93 * 5_000);
    expect(seen.refused.length).toBeLessThan(0.01 * seen.done.length);
  });

  it('that grows slower for a while is asked for less meanwhile, and for as much again afterwards', async () => {
    const server = { at: 20, medianMs: 200, sigma: 0.1, holds: 1_000 };
    const { clock, seen, run } = simulate(server, { start: 5, min: 1, max: 200 }, 90_000);
    clock.after(30_000, () => {
      server.at = 5;
    });
    clock.after(60_000, () => {
      server.at = 20;
    });
    const limits: number[] = [];
    for (const at of [29_000, 45_000, 59_000, 89_000])
      clock.after(at, () => limits.push(seen.limits.at(-1) ?? 0));
    await run();
    const [before = 0, slow = 0, slowStill = 0, after = 0] = limits;
    expect(before).toBeGreaterThanOrEqual(20);
    expect(slow).toBeLessThan(15);
    expect(slowStill).toBeLessThan(15);
    expect(after).toBeGreaterThanOrEqual(20);
    expect(between(seen.done, 75_000, 90_000)).toBeGreaterThan(0.95 * 1_500);
  });
});

it('never leaves its bounds, and one at a time means one at a time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer(),
      async (min, more, at, holds, seed) => {
        const max = min + more;
        const server = { at, medianMs: 100, sigma: 0.5, holds };
        const { seen, run } = simulate(server, { min, max }, 10_000, seed);
        await run();
        expect(seen.most).toBeLessThanOrEqual(max);
        expect(Math.min(...seen.limits)).toBeGreaterThanOrEqual(min);
        expect(Math.max(...seen.limits)).toBeLessThanOrEqual(max);
      },
    ),
    { numRuns: 30 },
  );
  const { seen, run } = simulate({ at: 50, medianMs: 100, sigma: 0.5, holds: 50 }, { max: 1 }, 10_000);
  await run();
  expect(seen.most).toBe(1);
});

it('does not climb on calls that never fill its slots', async () => {
  const clock = new FakeClock();
  const slots = createSlots('search', { start: 10, min: 1, max: 100 }, clock);
  const one = async () => {
    for (let call = 0; call < 500; call += 1) {
      await slots.run(never, async (tell) => {
        await clock.sleep(100);
        tell('fine', 100);
      });
    }
  };
  await clock.run(Promise.all([one(), one()]));
  expect(slots.limit).toBe(10);
});

it('a call that is aborted while it waits for a slot is not made', async () => {
  const clock = new FakeClock();
  const slots = createSlots('search', { max: 1 }, clock);
  const stop = new AbortController();
  let made = 0;
  const call = async () => {
    made += 1;
    await clock.sleep(100);
  };
  const both = Promise.allSettled([slots.run(never, call), slots.run(stop.signal, call)]);
  clock.after(50, () => stop.abort(new Error('gave up')));
  expect(await clock.run(both)).toMatchObject([{ status: 'fulfilled' }, { reason: { message: 'gave up' } }]);
  expect(made).toBe(1);
});

describe('a concurrency that cannot be', () => {
  for (const [definition, message] of [
    [{ min: 5, max: 3 }, 'max must not be less than min (5), but was 3'],
    [{ max: 0 }, 'max must be a whole number from 1 to 10000, but was 0'],
    [{ start: 9, max: 8 }, 'start must lie between min (1) and max (8), but was 9'],
  ] as const) {
    it(`is refused: ${message}`, () => {
      expect(() => createSlots('search', definition, new FakeClock())).toThrow(
        expect.objectContaining({
          code: 'CONCURRENCY_INVALID',
          message: `Concurrency of search: ${message}`,
        }),
      );
    });
  }
});
