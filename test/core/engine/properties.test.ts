import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { runUnderBudget, type Settlement } from '../../../src/core/engine/run.ts';
import { FakeClock } from './fake-clock.ts';

/** How an item behaves if it is left alone for `ms`. */
interface Item {
  ms: number;
  ends: 'well' | 'throwing' | 'throwing-at-once' | 'postponed' | 'never';
  /** How long it goes on after an abort, in milliseconds; undefined: for ever. */
  deafMs: number | undefined;
  expectedMs: number;
}

interface Scenario {
  items: Item[];
  concurrency: number;
  stopAt: number;
  graceMs: number;
  /** When the run is stopped from outside, if it is. */
  abortAt: number | undefined;
  /** Slots that may be in use, from one question to the next, over and over. */
  slots: number[];
}

const time = (max: number) => fc.integer({ min: 0, max });

const item: fc.Arbitrary<Item> = fc.record({
  ms: time(300),
  ends: fc.constantFrom('well', 'well', 'throwing', 'throwing-at-once', 'postponed', 'never'),
  deafMs: fc.oneof(fc.constant(0), fc.constant(undefined), time(100)),
  expectedMs: time(300),
});

const scenario: fc.Arbitrary<Scenario> = fc.record({
  items: fc.array(item, { maxLength: 40 }),
  concurrency: fc.integer({ min: 1, max: 8 }),
  stopAt: time(1_000),
  graceMs: time(50),
  abortAt: fc.option(time(1_200), { nil: undefined }),
  slots: fc.oneof(
    fc.tuple(fc.integer({ min: 0, max: 9 })),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 }),
  ),
});

interface Start {
  id: number;
  at: number;
  /** Items running, this one among them. */
  running: number;
  /** What `slots` last answered. */
  allowed: number;
}

/** Runs a scenario and writes down what happened. */
async function play({ items, concurrency, stopAt, graceMs, abortAt, slots }: Scenario) {
  const clock = new FakeClock();
  const outside = new AbortController();
  const starts: Start[] = [];
  const told: { id: number; at: number; settlement: Settlement<number> }[] = [];
  let own = 0;
  let running = 0;
  let asked = 0;
  let allowed = 0;
  /** The scenario's own timers are not the engine's. */
  const after = (ms: number, action: () => void) => {
    own += 1;
    clock.after(ms, () => {
      own -= 1;
      action();
    });
  };
  if (abortAt !== undefined) after(abortAt, () => outside.abort(new Error('stopped from outside')));

  const carryOut = ({ ms, ends, deafMs }: Item, id: number, signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const leave = once(() => {
      running -= 1;
    });
    const failWith = (error: unknown) => {
      leave();
      reject(error);
    };
    if (ends === 'throwing-at-once') {
      leave();
      throw new Error(`item ${id}`);
    }
    if (ends === 'well') {
      after(ms, () => {
        leave();
        resolve(id);
      });
    }
    if (ends === 'postponed') after(ms, () => failWith(new Postponed('LATER', 'Not now', 'upstream', 5_000)));
    if (ends === 'throwing') after(ms, () => failWith(new Error(`item ${id}`)));
    signal.addEventListener('abort', () => {
      if (deafMs !== undefined) after(deafMs, () => failWith(signal.reason));
    });
    return promise;
  };

  const settlements = await clock.run(
    runUnderBudget([...items.entries()], {
      concurrency,
      clock,
      stopAt,
      graceMs,
      signal: outside.signal,
      expectedMs: ([, { expectedMs }]) => expectedMs,
      slots() {
        allowed = slots[asked % slots.length] ?? 0;
        asked += 1;
        return allowed;
      },
      run([id, one], signal) {
        running += 1;
        starts.push({ id, at: clock.now(), running, allowed });
        return carryOut(one, id, signal);
      },
      onSettled([id], settlement) {
        told.push({ id, at: clock.now(), settlement });
      },
    }),
  );
  return {
    settlements,
    starts,
    told,
    clock,
    outside,
    endedAt: clock.now(),
    enginesTimers: clock.pendingTimers - own,
  };
}

type Played = Awaited<ReturnType<typeof play>>;

/** Checks what a run must do in whatever scenario. */
function always(check: (played: Played, scenario: Scenario) => void | Promise<void>): Promise<void> {
  return fc.assert(
    fc.asyncProperty(scenario, async (one) => check(await play(one), one)),
    { numRuns: 300 },
  );
}

const endings = {
  well: { status: 'succeeded' },
  throwing: { status: 'failed' },
  'throwing-at-once': { status: 'failed' },
  postponed: { status: 'overflow', reason: 'postponed' },
  never: {},
};

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

describe('whatever the items do, runUnderBudget', () => {
  it('settles every item exactly once, and tells so as it happens', () =>
    always(({ settlements, told }, { items }) => {
      expect(settlements).toHaveLength(items.length);
      expect(told.map(({ id }) => id).sort((a, b) => a - b)).toEqual([...items.keys()]);
      for (const { id, settlement } of told) expect(settlements[id]).toBe(settlement);
    }));

  it('starts each item at most once, and in their order while the slots stay as they are', () =>
    always(({ starts }, { slots }) => {
      const ids = starts.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      if (slots.length === 1) expect(ids).toEqual([...ids].sort((a, b) => a - b));
    }));

  it('never has more running than the bound, nor starts one when no slot may be used', () =>
    always(({ starts }, { concurrency }) => {
      for (const { running, allowed } of starts) {
        expect(running).toBeLessThanOrEqual(Math.min(concurrency, allowed));
      }
    }));

  it('starts nothing that is not expected to end in time, but the first', () =>
    always(({ starts }, { items, stopAt }) => {
      for (const { id, at } of starts.slice(1)) {
        expect(at + (items[id]?.expectedMs ?? 0)).toBeLessThanOrEqual(stopAt);
      }
    }));

  it('starts the first item whatever is expected of it, if only there is time and memory', () =>
    always(({ starts }, { items, stopAt, slots }) => {
      if (items.length > 0 && stopAt > 0 && !slots.includes(0))
        expect(starts[0]).toMatchObject({ id: 0, at: 0 });
    }));

  it('waits for memory as long as there is going to be some', () =>
    always(({ settlements }, { slots }) => {
      if (slots.includes(0)) return;
      for (const settlement of settlements) expect(settlement).not.toMatchObject({ reason: 'memory' });
    }));

  it('starts nothing at the end of the budget or after an abort, and ends a grace time later at the latest', () =>
    always(({ starts, endedAt }, { stopAt, abortAt = Number.POSITIVE_INFINITY, graceMs }) => {
      const end = Math.min(stopAt, abortAt);
      for (const { at } of starts) {
        expect(at).toBeLessThan(stopAt);
        expect(at).toBeLessThanOrEqual(abortAt);
      }
      expect(endedAt).toBeLessThanOrEqual(end + graceMs);
    }));

  it('tells of each item what became of it', () =>
    always(({ settlements, starts }, { items, stopAt, abortAt = Number.POSITIVE_INFINITY }) => {
      const end = Math.min(stopAt, abortAt);
      const started = new Map(starts.map((start) => [start.id, start]));
      for (const [id, { ms, ends }] of items.entries()) {
        const settlement = settlements[id];
        const start = started.get(id);
        if (!start) {
          expect(settlement).toEqual({ status: 'overflow', reason: expect.any(String) });
          continue;
        }
        const tookMs = { never: Number.POSITIVE_INFINITY, 'throwing-at-once': 0 }[ends as string] ?? ms;
        if (start.at + tookMs < end) {
          expect(settlement).toMatchObject({ ...endings[ends], durationMs: tookMs, rank: start.running });
        } else if (settlement?.status === 'succeeded') {
          expect(ends).toBe('well'); // It came within the grace time.
        } else if (start.at + tookMs > end) {
          // An error says nothing any more: the abort may have caused it.
          expect(settlement?.status).toBe('overflow');
        }
      }
    }));

  it('leaves nothing behind: no timer, no listener, no start and no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    try {
      await always(async ({ starts, told, clock, outside, enginesTimers }) => {
        expect(enginesTimers).toBe(0);
        expect(getEventListeners(outside.signal, 'abort')).toEqual([]);
        const before = [starts.length, told.length];
        outside.abort(new Error('too late'));
        await clock.run(clock.sleep(10_000));
        expect([starts.length, told.length]).toEqual(before);
        expect(clock.pendingTimers).toBe(0);
        expect(unhandled).toEqual([]);
      });
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
  });
});
