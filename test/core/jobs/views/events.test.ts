import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job, JobState } from '../../../../src/core/jobs/model/job.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { newSlice, type Slice, sliceId } from '../../../../src/core/jobs/model/slice.ts';
import { hasSeenTheEnd, type JobEvent, jobEvents } from '../../../../src/core/jobs/views/events.ts';
import { heartbeat, withHeartbeats } from '../../../../src/core/jobs/views/heartbeats.ts';
import { FakeClock } from '../../engine/fake-clock.ts';

const span = 5;

const jobOf = (slices: number, more: Partial<Job> = {}): Job => ({
  id: 'job_1',
  tenant: 'local',
  workload: 'echo',
  options: {},
  status: 'running',
  totalItems: slices * span,
  succeeded: 0,
  failed: 0,
  createdAt: 0,
  ...more,
});

const slice = (position: number, more: Partial<Slice> = {}) =>
  ({
    ...newSlice({ jobId: 'job_1', id: sliceId(position), from: position * span, span }, 0),
    ...more,
  }) as Slice;

const state = (job: Job, slices: Slice[]): JobState => ({ job, slices, tasks: [], settled: new Set() });

const done = (failed: number) => ({ status: 'done' as const, succeeded: span - failed, failed });

/** A job whose slices are settled in some order, with some failures each, a few by way of a split; last it ends. */
function historyOf(order: readonly number[], failures: readonly number[]): JobState[] {
  const families = order.map((_, position) => [slice(position)]);
  const states: JobState[] = [];
  const note = (position: number, family: Slice[], more: Partial<Job> = {}) => {
    families[position] = family;
    states.push(state(jobOf(order.length, more), families.flat()));
  };
  note(0, [slice(0)]);
  order.forEach((position, step) => {
    const failed = failures[step] ?? 0;
    // On the way, part of it is recorded.
    note(position, [slice(position, { status: 'running', succeeded: Math.min(1, span - failed) })]);
    if (step % 3 === 1) {
      const root = slice(position, { status: 'split', succeeded: Math.min(1, span - failed) });
      const part = { ...slice(position), id: `${root.id}.0`, from: root.from + 1, span: span - 1 };
      note(position, [root, part]);
      note(position, [root, { ...part, status: 'done', succeeded: span - failed - root.succeeded, failed }]);
    } else note(position, [slice(position, done(failed))]);
  });
  note(0, families[0] ?? [], { status: 'partial' });
  return states;
}

/** A context whose ledger tells the next state each time it is asked, and then stays at the last. */
function contextOf(history: readonly JobState[], clock: FakeClock) {
  let at = 0;
  let reads = 0;
  const ledger = {
    async state() {
      reads += 1;
      at = Math.min(at + 1, history.length - 1);
      return history[at];
    },
  };
  const log = { info() {}, warn() {}, error() {} };
  return {
    jobs: { ledger, clock, log, settings: {} } as unknown as JobsContext,
    now: () => history[at] as JobState,
    reads: () => reads,
  };
}

type Following = { until?: number; lastEventId?: string | undefined; signal?: AbortSignal; atMost?: number };

/** The events of one connection, with when they came. */
async function follow(
  { jobs, now }: Pick<ReturnType<typeof contextOf>, 'jobs' | 'now'>,
  clock: FakeClock,
  { until = Number.POSITIVE_INFINITY, lastEventId, signal, atMost }: Following = {},
) {
  const gone = new AbortController();
  const events = jobEvents(jobs, now(), { lastEventId, until, signal: signal ?? gone.signal });
  const seen: { event: JobEvent; at: number }[] = [];
  await clock.run(
    (async () => {
      for await (const event of events) {
        seen.push({ event, at: clock.now() });
        if (seen.length === atMost) break;
      }
    })(),
  );
  return seen;
}

const itemsOf = (events: readonly JobEvent[]) =>
  events.flatMap(({ data }) =>
    data.settled.flatMap(({ from, items }) => Array.from({ length: items }, (_, offset) => from + offset)),
  );
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('the events of a job', () => {
  it('name every item once and end, whoever reconnects whenever with the last id', async () => {
    const histories = fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.record({
        order: fc.shuffledSubarray(upTo(count), { minLength: count, maxLength: count }),
        failures: fc.array(fc.integer({ min: 0, max: span }), { minLength: count, maxLength: count }),
        // After so many events the connection breaks.
        breaks: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 10 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(histories, async ({ order, failures, breaks }) => {
        const clock = new FakeClock();
        const world = contextOf(historyOf(order, failures), clock);
        const told: JobEvent[] = [];
        for (const atMost of [...breaks, undefined]) {
          const lastEventId = told.at(-1)?.id;
          if (hasSeenTheEnd(world.now(), lastEventId)) break;
          const seen = await follow(world, clock, { lastEventId, ...(atMost && { atMost }) });
          told.push(...seen.map(({ event }) => event));
        }
        expect(itemsOf(told).sort((a, b) => a - b)).toEqual(upTo(order.length * span));
        const failed = told.flatMap(({ data }) => data.settled).reduce((sum, one) => sum + one.failed, 0);
        expect(failed).toBe(failures.reduce((sum, count) => sum + count, 0));
        expect(told.map(({ ended }) => ended)).toEqual(told.map((_, at) => at === told.length - 1));
        const counts = told.map(({ data }) => data.processedItems);
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it('come within a second of what they tell, at one read each', async () => {
    const clock = new FakeClock();
    const world = contextOf(historyOf([0], [2]), clock);
    const seen = await follow(world, clock);
    expect(seen).toHaveLength(4);
    const gaps = seen.slice(1).map(({ at }, index) => at - (seen[index]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
    expect(world.reads()).toBe(seen.length - 1);
  });

  it('say nothing while nothing changes, and stop before the limit', async () => {
    const clock = new FakeClock();
    const world = contextOf([state(jobOf(1), [slice(0)])], clock);
    const seen = await follow(world, clock, { until: 30_000 });
    expect(seen).toHaveLength(1);
    expect(clock.now()).toBeLessThanOrEqual(30_000);
    expect(clock.now()).toBeGreaterThan(28_000);
    expect(world.reads()).toBeGreaterThan(25);
  });

  it('stop when nobody listens', async () => {
    const clock = new FakeClock();
    const world = contextOf([state(jobOf(1), [slice(0)])], clock);
    const gone = new AbortController();
    clock.after(5_000, () => gone.abort());
    await follow(world, clock, { signal: gone.signal });
    expect(clock.now()).toBe(5_000);
  });

  it('outlast a ledger that fails or hangs, but not the limit', async () => {
    const clock = new FakeClock();
    const world = contextOf(historyOf([0], [0]), clock);
    let asked = 0;
    const ledger = {
      state: (id: string) => {
        asked += 1;
        if (asked === 1) return Promise.reject(new Error('away'));
        return asked === 3 ? new Promise<never>(() => {}) : world.jobs.ledger.state(id);
      },
    };
    const jobs = { ...world.jobs, ledger } as unknown as JobsContext;
    const seen = await follow({ jobs, now: world.now }, clock, { until: 20_000 });
    expect(seen).toHaveLength(2);
    expect(clock.now()).toBeLessThanOrEqual(20_000);
  });

  it.each([
    ['empty', ''],
    ['nonsense', '‮nonsense'],
    ['cut off', '0/1/end'],
    ['of a round to come', '7/0/run/0-999999'],
    ['endless', `0/0/run/${'1,'.repeat(9_000)}`],
    ['out of order', '0/0/run/,-1,-'],
  ])('begin anew after a Last-Event-ID that is %s', async (_, lastEventId) => {
    const clock = new FakeClock();
    const ended = state(jobOf(1, { status: 'completed' }), [slice(0, done(0))]);
    expect(hasSeenTheEnd(ended, lastEventId)).toBe(false);
    const [seen] = await follow(contextOf([ended], clock), clock, { lastEventId });
    expect(seen?.event).toMatchObject({ ended: true, data: { settled: [{ from: 0, items: span }] } });
  });

  it('tell again of what is run again, to those who know the round before', async () => {
    const clock = new FakeClock();
    const slices = [slice(0, done(0)), slice(1, done(2))];
    const first = contextOf([state(jobOf(2, { status: 'partial' }), slices)], clock);
    const [end] = await follow(first, clock);
    const lastEventId = end?.event.id;
    expect(hasSeenTheEnd(first.now(), lastEventId)).toBe(true);
    const again = { ...slice(1), id: '000001.r1' };
    const job = jobOf(2, { rounds: 1 });
    const history = [
      state(job, [...slices, again]),
      state(job, [...slices, { ...again, status: 'done', succeeded: 2 }]),
      state({ ...job, status: 'completed' }, [...slices, { ...again, status: 'done', succeeded: 2 }]),
    ];
    const second = contextOf(history, clock);
    expect(hasSeenTheEnd(second.now(), lastEventId)).toBe(false);
    const seen = await follow(second, clock, { lastEventId });
    expect(seen.map(({ event }) => event.data.settled)).toEqual([
      [],
      [{ from: 5, items: 5, succeeded: 5, failed: 0 }],
      [],
    ]);
    // Also when it has ended by then.
    const [late] = await follow(second, clock, { lastEventId });
    expect(late?.event.data.settled).toEqual([{ from: 5, items: 5, succeeded: 5, failed: 0 }]);
  });

  it('do not end before a job that was stopped is wound up', async () => {
    const clock = new FakeClock();
    const stopped = jobOf(1, { status: 'cancelled', finishing: true });
    const wound = jobOf(1, { status: 'cancelled', files: { output: 'output.csv' } });
    const world = contextOf([state(stopped, [slice(0)]), state(wound, [slice(0)])], clock);
    const seen = await follow(world, clock);
    expect(seen.map(({ event }) => event.ended)).toEqual([false, true]);
  });

  it('have ids short enough for a header, however scattered the slices are; what is left out is told twice', async () => {
    const clock = new FakeClock();
    const slices = upTo(5_000).map((position) => slice(position, position % 2 === 0 ? done(0) : {}));
    const world = contextOf([state(jobOf(5_000), slices)], clock);
    const [first] = await follow(world, clock, { atMost: 1 });
    expect(first?.event.id.length).toBeLessThan(2_000);
    const [next] = await follow(world, clock, { atMost: 1, lastEventId: first?.event.id });
    expect(next?.event.data.settled).toHaveLength(2_500 - 200);
  });
});

describe('heartbeats', () => {
  it('come while a source is silent, whatever it waits for, and end with it', async () => {
    const clock = new FakeClock();
    async function* source() {
      await clock.sleep(12_000);
      yield 'one';
      yield 'two';
      await clock.sleep(6_000);
    }
    const seen: unknown[] = [];
    const watch = async () => {
      for await (const one of withHeartbeats(clock, 5_000, source())) seen.push(one);
    };
    await clock.run(watch());
    expect(seen).toEqual([heartbeat, heartbeat, 'one', 'two', heartbeat]);
    expect(clock.pendingTimers).toBe(0);
  });
});
