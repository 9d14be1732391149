import { runUnderBudget } from '../../../src/core/engine/run.ts';
import type { Estimate } from '../../../src/core/jobs/slices/expectation.ts';
import { FakeClock } from './fake-clock.ts';
import { Machine } from './invocations-machine.ts';
import type { Invocation, Work, World } from './invocations-world.ts';

/** How an invocation went. Times in milliseconds. */
export interface Figures {
  budgetMs: number;
  /** Slots × budget. */
  capacityMs: number;
  /** Time within the budget that slots spent on items that were started. */
  usedMs: number;
  /** The part of it that went to items that finished. */
  usefulMs: number;
  /** From the start until the last item left its slot, within the budget. */
  wallMs: number;
  finished: number;
  /** Items that were started and stopped at the end: their work is done twice. */
  stopped: number;
  /** Items that were started when the budget was over. */
  startedLate: number;
  workRemained: boolean;
  /** From the end of the budget and of the grace time to the end of the run; negative when it ended before. */
  lateMs: number;
}

/** As in src/core/jobs/slices/work.ts. */
const graceMs = 150;

/** Runs an invocation and learns from it, as src/core/jobs/slices/work.ts does. */
export async function invoke(
  { concurrency, friction }: World,
  { budgetMs, items }: Invocation,
  estimate: Estimate<Work>,
): Promise<Figures> {
  const clock = new FakeClock();
  const machine = new Machine(clock, friction);
  const sums = { usedMs: 0, usefulMs: 0, wallMs: 0, finished: 0, stopped: 0, startedLate: 0 };
  const settlements = await clock.run(
    runUnderBudget(items, {
      concurrency,
      clock,
      stopAt: budgetMs,
      graceMs,
      expectedMs: (item, rank) => estimate.atMostMs(item, rank),
      run: (item, signal) => {
        if (clock.now() >= budgetMs) sums.startedLate += 1;
        return carryOut(item, machine, clock, signal);
      },
      onSettled(item, settlement) {
        if (!('rank' in settlement) || settlement.rank === undefined) return;
        const { status, rank, durationMs = 0 } = settlement;
        const startedAt = clock.now() - durationMs;
        sums.wallMs = Math.min(clock.now(), budgetMs);
        sums.usedMs += sums.wallMs - startedAt;
        if (status === 'overflow') sums.stopped += 1;
        else {
          sums.finished += 1;
          sums.usefulMs += sums.wallMs - startedAt;
        }
        if (status === 'succeeded' || durationMs > estimate.atMostMs(item, rank)) {
          estimate.learn(item, rank, durationMs);
        }
      },
    }),
  );
  return {
    ...sums,
    budgetMs,
    capacityMs: concurrency * budgetMs,
    workRemained: settlements.some(({ status }) => status === 'overflow'),
    lateMs: clock.now() - budgetMs - graceMs,
  };
}

function carryOut(item: Work, machine: Machine, clock: FakeClock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const takeAway = machine.work(item.ms, () => {
      signal.removeEventListener('abort', onAbort);
      if (item.fails) reject(new Error('failed'));
      else resolve();
    });
    const giveUp = () => {
      takeAway();
      reject(signal.reason);
    };
    const onAbort = () => {
      if (item.deafMs > 0) clock.after(item.deafMs, giveUp);
      else giveUp();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
