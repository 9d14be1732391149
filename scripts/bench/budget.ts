/**
 * How much of its budget an invocation uses: 10,000 of them in simulated time, with heavy-tailed durations and more work
 * than fits, through the real engine and the real learned expectation (test/core/engine/invocations-world.ts says what they
 * are put through).
 *
 * Limit: every slot is busy until the budget ends, in the invocations whose work lasted that long. `seconds` is the slots'
 * time in simulated seconds, `limitSeconds` what of it was spent on items.
 */
import { invokeAll, mean, use, usefulUse, wallUse } from '../../test/core/engine/invocations-all.ts';
import type { Bench } from './bench.ts';

export const budget: Bench = {
  name: 'budget',
  about: '10,000 simulated invocations with heavy-tailed durations',
  async run(report) {
    const all = await invokeAll();
    const withWorkLeft = all.filter(({ workRemained }) => workRemained);
    const seconds = (pick: (one: (typeof all)[number]) => number) =>
      withWorkLeft.reduce((sum, one) => sum + pick(one), 0) / 1000;
    const late = all.filter(({ lateMs, startedLate }) => lateMs > 0 || startedLate > 0).length;
    report.row({
      system: 'spillway',
      seconds: seconds(({ capacityMs }) => capacityMs),
      items: withWorkLeft.reduce((sum, { finished }) => sum + finished, 0),
      limitSeconds: seconds(({ usedMs }) => usedMs),
      checked: all.length === 10_000 && late === 0,
      extra: {
        invocationsPastDeadline: late,
        meanUsedPercent: 100 * mean(withWorkLeft, use),
        meanUsedForFinishedPercent: 100 * mean(withWorkLeft, usefulUse),
        meanWallClockUsedPercent: 100 * mean(withWorkLeft, wallUse),
      },
    });
  },
};
