import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from '../../../src/core/engine/clock.ts';
import { Postponed } from '../../../src/core/engine/errors.ts';
import { finishTimes } from '../../../src/core/engine/finish-times.ts';
import {
  BudgetEnded,
  type RunOptions,
  runUnderBudget,
  type Settlement,
} from '../../../src/core/engine/run.ts';
import { FakeClock } from './fake-clock.ts';

interface Work {
  id: number;
  ms: number;
  fails: boolean;
  /** Ignores the abort signal, as native code does. */
  deaf: boolean;
}

const work = (ms: number, more: Partial<Work> = {}): Work => ({
  id: 0,
  ms,
  fails: false,
  deaf: false,
  ...more,
});

async function run(items: Work[], options: Partial<RunOptions<Work, number>> = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  let running = 0;
  let peak = 0;
  const settlements = await clock.run(
    runUnderBudget(items, {
      concurrency: 5,
      clock,
      stopAt: Number.MAX_SAFE_INTEGER,
      expectedMs: ({ ms }) => ms,
      ...options,
      async run(item, signal) {
        running += 1;
        peak = Math.max(peak, running);
        log.push(`start ${item.id}`);
        try {
          await sleep(clock, item.ms, item.deaf ? undefined : signal);
          if (item.fails) throw new Error(`item ${item.id}`);
          return item.id;
        } finally {
          running -= 1;
        }
      },
    }),
  );
  return { settlements, clock, log, peak, running: () => running };
}

const statuses = (settlements: Settlement<unknown>[]) =>
  settlements.map((one) => (one.status === 'overflow' ? one.reason : one.status));

describe('runUnderBudget', () => {
  it('refills a slot as soon as it frees', async () => {
    const items = [100, 10, 10, 10, 10, 10, 10, 10].map((ms) => work(ms));
    const { clock } = await run(items, { concurrency: 2 });
    expect(clock.now()).toBe(100);
  });

  it('keeps one failure from touching the others', async () => {
    const { settlements } = await run([work(5), work(5, { fails: true, id: 7 }), work(5)]);
    expect(statuses(settlements)).toEqual(['succeeded', 'failed', 'succeeded']);
    expect(settlements[1]).toMatchObject({ error: new Error('item 7'), durationMs: 5, rank: 2 });
  });

  it('starts nothing that is not expected to end in time, but what still fits', async () => {
    const { settlements, clock } = await run([work(60), work(60), work(30)], { concurrency: 1, stopAt: 100 });
    expect(statuses(settlements)).toEqual(['succeeded', 'does-not-fit', 'succeeded']);
    expect(clock.now()).toBeLessThanOrEqual(100);
  });

  it('aborts what runs when the budget ends and calls it overflow, whatever it throws', async () => {
    const reasons: unknown[] = [];
    const clock = new FakeClock();
    const settlements = await clock.run(
      runUnderBudget([1], {
        concurrency: 1,
        clock,
        stopAt: 50,
        expectedMs: () => 1,
        run: (_item, signal) =>
          sleep(clock, 1000, signal).catch((reason) => {
            reasons.push(reason);
            throw new Error('something else');
          }),
      }),
    );
    expect(statuses(settlements)).toEqual(['stopped']);
    expect(reasons[0]).toBeInstanceOf(BudgetEnded);
    expect(clock.now()).toBe(50);
  });

  it('leaves deaf work behind after the grace time', async () => {
    const { settlements, clock } = await run([work(1000, { deaf: true })], {
      stopAt: 50,
      graceMs: 20,
      expectedMs: () => 1,
    });
    expect(statuses(settlements)).toEqual(['stopped']);
    expect(clock.now()).toBe(70);
  });

  it('hears nothing more of work that was left behind, not even its failure', async () => {
    const { settlements, clock } = await run([work(100, { deaf: true, fails: true })], {
      stopAt: 50,
      expectedMs: () => 1,
    });
    expect(statuses(settlements)).toEqual(['stopped']);
    await clock.run(clock.sleep(1000)); // An unhandled rejection would fail the test run.
    expect(statuses(settlements)).toEqual(['stopped']);
  });

  it('calls an item failed that throws before it returns a promise', async () => {
    const settlements = await runUnderBudget([1, 2], {
      concurrency: 1,
      clock: new FakeClock(),
      stopAt: 1000,
      expectedMs: () => 1,
      run(item) {
        if (item === 1) throw new Error('at once');
        return Promise.resolve(item);
      },
    });
    expect(settlements).toMatchObject([
      { status: 'failed', error: new Error('at once') },
      { status: 'succeeded', output: 2 },
    ]);
  });

  it('keeps a result that arrives within the grace time', async () => {
    const { settlements } = await run([work(60, { deaf: true })], {
      stopAt: 50,
      graceMs: 20,
      expectedMs: () => 1,
    });
    expect(statuses(settlements)).toEqual(['succeeded']);
  });

  it('waits while memory is short, goes on when something has finished', async () => {
    let running = 0;
    let most = 0;
    const clock = new FakeClock();
    const settlements = await clock.run(
      runUnderBudget([1, 2, 3], {
        concurrency: 3,
        clock,
        stopAt: 1000,
        expectedMs: () => 10,
        slots: () => 1,
        async run() {
          running += 1;
          most = Math.max(most, running);
          await clock.sleep(10);
          running -= 1;
        },
      }),
    );
    expect(statuses(settlements)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(clock.now()).toBe(30);
    expect(most).toBe(1);
  });

  it('an item that postpones itself overflows, and touches no other', async () => {
    const clock = new FakeClock();
    const postponed = new Postponed('TURN_TOO_LATE', 'Not before 5000', 'search', 5000);
    const settlements = await clock.run(
      runUnderBudget([1, 2], {
        concurrency: 1,
        clock,
        stopAt: 1000,
        expectedMs: () => 10,
        async run(item) {
          if (item === 1) throw postponed;
        },
      }),
    );
    expect(settlements).toMatchObject([
      { status: 'overflow', reason: 'postponed', postponed: { until: 5000, waitingFor: 'search' } },
      { status: 'succeeded' },
    ]);
  });

  it('hands everything on when memory is short and nothing runs', async () => {
    const { settlements, log } = await run([work(1), work(1)], { slots: () => 0 });
    expect(statuses(settlements)).toEqual(['memory', 'memory']);
    expect(log).toEqual([]);
  });

  it('starts exactly one item that fits nowhere', async () => {
    const items = [work(500, { id: 1 }), work(500, { id: 2 }), work(500, { id: 3 })];
    const { log, settlements } = await run(items, { stopAt: 100 });
    expect(log).toEqual(['start 1']);
    expect(statuses(settlements)).toEqual(['stopped', 'does-not-fit', 'does-not-fit']);
  });

  it('starts nothing in a budget that is over, not even the first item', async () => {
    const { log } = await run([work(0)], { stopAt: 0 });
    expect(log).toEqual([]);
  });

  it('stops from outside like at the end of the budget', async () => {
    const controller = new AbortController();
    controller.abort(new Error('cancelled'));
    const { settlements } = await run([work(1)], { signal: controller.signal });
    expect(statuses(settlements)).toEqual(['stopped']);
  });

  it('leaves no timer behind', async () => {
    const { clock } = await run([work(1), work(2)], { stopAt: 100 });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('finishTimes', () => {
  it('predicts what the engine does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (durations, concurrency) => {
          const { clock } = await run(
            durations.map((ms) => work(ms)),
            { concurrency },
          );
          expect(clock.now()).toBe(
            Math.max(...finishTimes(durations.length, concurrency, (index) => durations[index] ?? 0)),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('knows how many are running when one starts', () => {
    const ranks: number[] = [];
    // Two share a machine: whoever comes second takes twice as long.
    const ends = finishTimes(4, 2, (_index, rank) => {
      ranks.push(rank);
      return 10 * rank;
    });
    expect(ranks).toEqual([1, 2, 2, 2]);
    expect(ends).toEqual([10, 20, 30, 40]);
  });
});
