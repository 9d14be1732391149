import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { createSeats, seatsLeaseMs } from '../../../src/core/limits/seats.ts';
import { memoryLimitStore } from '../../../src/memory/limit-store.ts';
import { randomFrom } from '../../random.ts';
import { FakeClock } from '../engine/fake-clock.ts';
import { processClock } from './workers.ts';

/** Workers that have slices of calls to make, through seats that they share; counts what is under way. */
function stage(total: number, seed = 1) {
  const clock = new FakeClock(1_800_000_000_000);
  const random = randomFrom(seed);
  const memory = memoryLimitStore(() => clock.sleep(1 + 4 * random()));
  const seen = { underWay: 0, most: 0, made: 0, busyMs: 0 };
  const call = async (ms: number) => {
    seen.underWay += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    await clock.sleep(ms);
    seen.underWay -= 1;
    seen.made += 1;
    seen.busyMs += ms;
  };
  const worker = () => {
    const process = processClock(clock);
    const seats = createSeats('job', total, {
      store: memory.store,
      clock: process.clock,
      workers: 50,
      onUnreachable: () => {},
    });
    return {
      ...process,
      /** So many calls, `window` at a time. Resolves to how many were made. */
      async slice(
        calls: number,
        window: number,
        { budgetMs = 1e9, stop = new AbortController().signal } = {},
      ) {
        const stopAt = clock.now() + budgetMs;
        let left = calls;
        let made = 0;
        const slot = async () => {
          while (left > 0) {
            left -= 1;
            await seats.run(stop, stopAt, () => call(50 + 100 * random()));
            made += 1;
          }
        };
        const slots = await Promise.allSettled(Array.from({ length: window }, slot));
        const failed = slots.find((one) => one.status === 'rejected');
        if (failed && !(failed.reason instanceof Postponed)) throw failed.reason;
        return { made, postponed: failed?.reason as Postponed | undefined };
      },
    };
  };
  return { clock, memory, seen, worker };
}

describe('seats', () => {
  it.each([1, 5, 20])(
    'are never more than %d, and mostly in use while two workers take turns',
    async (total) => {
      const { clock, seen, worker } = stage(total);
      const startedAt = clock.now();
      const workers = [worker(), worker()];
      const slices = 6;
      let next = 0;
      const runs = workers.map(async ({ slice }) => {
        while (next < slices) {
          next += 1;
          await slice(20 * total, total);
        }
      });
      await clock.run(Promise.all(runs));
      expect(seen).toMatchObject({ most: total, made: slices * 20 * total, underWay: 0 });
      expect(seen.busyMs / total / (clock.now() - startedAt)).toBeGreaterThan(0.9);
    },
  );

  it('hold for any number of workers, windows and deaths', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          total: fc.integer({ min: 1, max: 12 }),
          seed: fc.integer(),
          workers: fc.array(
            fc.record({
              window: fc.integer({ min: 1, max: 15 }),
              calls: fc.integer({ min: 1, max: 60 }),
              diesAfter: fc.option(fc.integer({ min: 1, max: 500 })),
            }),
            { minLength: 1, maxLength: 5 },
          ),
        }),
        async ({ total, seed, workers }) => {
          const { clock, seen, worker } = stage(total, seed);
          const runs = workers.map(async ({ window, calls, diesAfter }) => {
            const stop = new AbortController();
            if (diesAfter !== null) clock.after(diesAfter, () => stop.abort(new Error('killed')));
            const { slice } = worker();
            for (let left = calls; left > 0; ) {
              const ran = await slice(left, window, { stop: stop.signal }).catch(() => undefined);
              if (!ran) return 0;
              left -= ran.made;
              if (ran.postponed) await clock.sleep(ran.postponed.until - clock.now());
            }
            return calls;
          });
          await clock.run(Promise.all(runs));
          expect(seen.most).toBeLessThanOrEqual(total);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are waited for by one worker; others come again later, and all of a slice hears it at once', async () => {
    const { clock, seen, worker } = stage(2);
    const [first, second, third] = [worker(), worker(), worker()];
    const running = first.slice(400, 2);
    await clock.run(clock.sleep(1_000));
    const waiting = second.slice(1, 1);
    await clock.run(clock.sleep(1_000));
    const from = clock.now();
    const { made, postponed } = await clock.run(third.slice(50, 10));
    expect([made, postponed?.code]).toEqual([0, 'SEATS_TAKEN']);
    expect((postponed?.until ?? 0) - from).toBeGreaterThanOrEqual(15_000);
    expect(clock.now() - from).toBeLessThan(50);
    expect((await clock.run(waiting)).made).toBe(1);
    await clock.run(running);
    expect(seen.most).toBe(2);
  });

  it('of a worker that froze are free again after its lease', async () => {
    const { clock, seen, worker } = stage(3);
    const frozen = worker();
    const stuck = frozen.slice(1_000, 3);
    await clock.run(clock.sleep(1_000));
    frozen.freeze();
    await clock.run(clock.sleep(200));
    const from = clock.now();
    const { made } = await clock.run(worker().slice(9, 3));
    expect([made, clock.now() - from < seatsLeaseMs + 1_000]).toEqual([9, true]);
    frozen.thaw();
    await clock.run(stuck);
    expect(seen.most).toBeLessThanOrEqual(6);
  });

  it('are not waited for longer than a quarter of the budget', async () => {
    const { clock, worker } = stage(1);
    const running = worker().slice(100, 1);
    await clock.run(clock.sleep(500));
    const from = clock.now();
    const { made, postponed } = await clock.run(worker().slice(3, 3, { budgetMs: 4_000 }));
    expect([made, postponed?.code]).toEqual([0, 'SEATS_TAKEN']);
    expect(clock.now() - from).toBeGreaterThan(1_000);
    expect(clock.now() - from).toBeLessThan(1_500);
    await clock.run(running);
  });

  it('leave nobody in the record once all is done', async () => {
    const { clock, memory, worker } = stage(4);
    await clock.run(worker().slice(40, 4));
    await clock.run(clock.sleep(1_000));
    expect(memory.seats.get('job')?.holders).toEqual({});
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([0, 1.5])('are refused as %d', (total) => {
    expect(() => stage(total).worker()).toThrow(expect.objectContaining({ code: 'SEATS_INVALID' }));
  });
});
