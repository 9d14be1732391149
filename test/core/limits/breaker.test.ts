import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { type Breaker, type BreakerDefinition, createBreaker } from '../../../src/core/limits/breaker.ts';
import type { LimitStore } from '../../../src/core/limits/store.ts';
import { memoryLimitStore } from '../../../src/memory/limit-store.ts';
import { FakeClock } from '../engine/fake-clock.ts';

const never = new AbortController().signal;

function crewOf(workers: number, definition: BreakerDefinition, wrap = (store: LimitStore) => store) {
  const clock = new FakeClock();
  const memory = memoryLimitStore(() => clock.sleep(2));
  const deps = { store: wrap(memory.store), clock, workers, onUnreachable: () => {} };
  return {
    clock,
    memory,
    breakers: Array.from({ length: workers }, () => createBreaker('search', definition, deps)),
  };
}

/** Calls without a pause, `slots` at once, until `until`; returns when each call began. */
function callAll(clock: FakeClock, breaker: Breaker, slots: number, until: number, isUp: () => boolean) {
  const calls: { at: number; fine: boolean }[] = [];
  const slot = async () => {
    while (clock.now() < until) {
      const pass = await breaker.admit(never, until).catch((error) => {
        if (error instanceof Postponed) return undefined;
        throw error;
      });
      if (!pass) return;
      const fine = isUp();
      calls.push({ at: clock.now(), fine });
      await clock.sleep(20);
      if (fine) await breaker.succeeded(pass);
      else await breaker.failed(pass);
    }
  };
  return Promise.all(Array.from({ length: slots }, slot)).then(() => calls);
}

describe('an outage', () => {
  it('costs one call each interval of all workers together, and ends with the first probe after it', async () => {
    const { clock, breakers } = crewOf(8, { failures: 5, probeEveryMs: 2_000 });
    const isUp = () => clock.now() < 10_000 || clock.now() >= 30_000;
    const crew = Promise.all(breakers.map((breaker) => callAll(clock, breaker, 10, 40_000, isUp)));
    const calls = (await clock.run(crew)).flat();
    const failed = calls.filter(({ fine }) => !fine).map(({ at }) => at);
    // Those that were under way, and what it takes to be sure.
    const noticed = failed.filter((at) => at < 10_200);
    expect(noticed.length).toBeLessThan(8 * 10 * 2);
    const probes = failed.filter((at) => at >= 10_200);
    expect(probes.length).toBeLessThanOrEqual(10);
    expect(probes.length).toBeGreaterThanOrEqual(8);
    const after = calls.filter(({ at, fine }) => fine && at >= 30_000).map(({ at }) => at);
    expect(Math.min(...after)).toBeLessThan(32_100);
    // All are back within the interval, not just the one that had the probe.
    expect(after.filter((at) => at < 33_000).length).toBeGreaterThan(8 * 10);
  });

  it('that lasts longer than the patience postpones what waits, yet one of those who come later still probes', async () => {
    const { clock, breakers } = crewOf(2, { failures: 1, probeEveryMs: 1_000, patienceMs: 5_000 });
    const [first, second] = breakers;
    if (!first || !second) throw new Error('No breakers');
    await clock.run(first.admit(never, 1e9).then((pass) => first.failed(pass)));
    const waiting = async () => {
      for (;;) {
        const pass = await second.admit(never, 1e9);
        expect(pass).toBe('probe');
        await second.failed(pass);
      }
    };
    await expect(clock.run(waiting())).rejects.toMatchObject({ code: 'UPSTREAM_DOWN', waitingFor: 'search' });
    expect(clock.now()).toBeGreaterThan(5_000);
    expect(clock.now()).toBeLessThan(7_000);
    await clock.run(clock.sleep(60_000));
    expect(await clock.run(second.admit(never, 1e9))).toBe('probe');
    await expect(clock.run(first.admit(never, 1e9))).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    await clock.run(second.succeeded('probe'));
    await clock.run(clock.sleep(2_000));
    expect(await clock.run(first.admit(never, 1e9))).toBe('call');
  });

  it('postpones what would have to wait beyond its budget', async () => {
    const { clock, breakers } = crewOf(1, { failures: 1, probeEveryMs: 10_000 });
    const [breaker] = breakers;
    if (!breaker) throw new Error('No breaker');
    await clock.run(breaker.admit(never, 1e9).then((pass) => breaker.failed(pass)));
    await expect(clock.run(breaker.admit(never, 5_000))).rejects.toMatchObject({
      code: 'UPSTREAM_RECOVERING',
    });
    expect(clock.now()).toBeLessThan(100);
  });

  it('is waited out also where the store is out of reach', async () => {
    const gone = new Proxy({} as LimitStore, { get: () => () => Promise.reject(new Error('out of reach')) });
    const { clock, breakers } = crewOf(1, { failures: 3, probeEveryMs: 1_000 }, () => gone);
    const [breaker] = breakers;
    if (!breaker) throw new Error('No breaker');
    const isUp = () => clock.now() < 2_000 || clock.now() >= 8_000;
    const calls = await clock.run(callAll(clock, breaker, 5, 12_000, isUp));
    const failed = calls.filter(({ fine }) => !fine);
    expect(failed.length).toBeLessThanOrEqual(5 + 7);
    expect(calls.some(({ at, fine }) => fine && at > 8_000 && at < 9_200)).toBe(true);
  });
});

it('never lets two probes go within an interval, whatever fails when', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 6 }),
      async (workers, slots, spans) => {
        const { clock, breakers } = crewOf(workers, { failures: 2, probeEveryMs: 500 });
        /** Up, down, up … for so many milliseconds each. */
        const isUp = () => {
          let rest = clock.now();
          let up = true;
          for (const span of spans) {
            if (rest < span) return up;
            rest -= span;
            up = !up;
          }
          return true;
        };
        const probes: number[] = [];
        const watched = breakers.map((breaker) => ({
          ...breaker,
          admit: async (signal: AbortSignal, stopAt: number) => {
            const pass = await breaker.admit(signal, stopAt);
            if (pass === 'probe') probes.push(clock.now());
            return pass;
          },
        }));
        await clock.run(Promise.all(watched.map((breaker) => callAll(clock, breaker, slots, 12_000, isUp))));
        for (const [at, probe] of probes.slice(1).entries()) {
          expect(probe - (probes[at] ?? 0)).toBeGreaterThanOrEqual(500 - 4);
        }
      },
    ),
    { numRuns: 50 },
  );
});

describe('a breaker that cannot be', () => {
  for (const [definition, message] of [
    [{ failures: 0 }, 'Breaker search: failures must be a whole number from 1 to 1000, but was 0'],
    [
      { probeEveryMs: -1 },
      'Breaker search: probeEveryMs must be a whole number from 10 to 900000, but was -1',
    ],
  ] as const) {
    it(`is refused: ${JSON.stringify(definition)}`, () => {
      expect(() => crewOf(1, definition)).toThrow(
        expect.objectContaining({ code: 'BREAKER_INVALID', message }),
      );
    });
  }
});
