/**
 * What the engine itself costs: items that do nothing, so that all the time is spent on handing them out and
 * collecting their results. Rounds are interleaved, so that whatever else the machine does hits all systems alike;
 * the median round counts.
 *
 * Limit: bare loops, as many as there are slots, that take one item after the other from an array.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pLimit from 'p-limit';
import pMap from 'p-map';
import PQueue from 'p-queue';
import { systemClock } from '../../src/core/engine/clock.ts';
import { runUnderBudget } from '../../src/core/engine/run.ts';
import type { Bench } from './bench.ts';
import { median } from './median.ts';

type Work = (item: number) => Promise<number>;
type Run = (items: readonly number[], slots: number, work: Work) => Promise<readonly unknown[]>;

interface Setup {
  items: number;
  slots: number;
  rounds: number;
}

const bareLoops: Run = async (items, slots, work) => {
  const results = new Array<number>(items.length);
  let next = 0;
  const loop = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] ?? 0);
    }
  };
  await Promise.all(Array.from({ length: slots }, loop));
  return results;
};

const spillway: Run = async (items, slots, work) => {
  const settlements = await runUnderBudget(items, {
    concurrency: slots,
    clock: systemClock,
    stopAt: systemClock.now() + 3_600_000,
    expectedMs: () => 100,
    run: work,
  });
  return settlements.map((one) => (one.status === 'succeeded' ? one.output : one.status));
};

const runs: Readonly<Record<string, Run>> = {
  limit: bareLoops,
  spillway,
  'p-limit': (items, slots, work) => {
    const limit = pLimit(slots);
    return Promise.allSettled(items.map((item) => limit(work, item))).then((settled) =>
      settled.map((one) => (one.status === 'fulfilled' ? one.value : one.status)),
    );
  },
  'p-map': (items, slots, work) => pMap(items, work, { concurrency: slots }),
  'p-queue': (items, slots, work) => {
    const queue = new PQueue({ concurrency: slots });
    return Promise.all(items.map((item) => queue.add(() => work(item))));
  },
};

export function overheadBench({ items: count, slots, rounds }: Setup): Bench {
  return {
    name: 'overhead',
    about: `cost of ${count} items that do nothing, in ${slots} slots`,
    async run(report) {
      const items = Array.from({ length: count }, (_, index) => index);
      const collectGarbage = exposeGc();
      const systems = Object.entries(runs).map(([system, run]) => ({
        system,
        run,
        seconds: [] as number[],
        checked: true,
      }));
      for (let round = 1; round <= rounds; round += 1) {
        report.note(`round ${round} of ${rounds}`);
        for (const one of systems) {
          collectGarbage();
          const startedAt = performance.now();
          const results = await one.run(items, slots, async (item) => item);
          one.seconds.push((performance.now() - startedAt) / 1000);
          one.checked &&= results.length === count && results.every((result, index) => result === index);
        }
        systems.push(...systems.splice(0, 1)); // Nobody always runs after the same other.
      }
      report.note('memory');
      const limitSeconds = median(systems.find(({ run }) => run === bareLoops)?.seconds ?? []);
      for (const [system, run] of Object.entries(runs)) {
        const measured = systems.find((one) => one.run === run);
        const seconds = median(measured?.seconds ?? []);
        const bytesPerItem = (await mostHeap(run, items, slots, collectGarbage)) / count;
        report.row({
          system,
          seconds,
          items: count,
          limitSeconds,
          checked: measured?.checked ?? false,
          extra: {
            nanosecondsPerItem: Math.round((1e9 * seconds) / count),
            bytesPerItem: Math.round(bytesPerItem),
          },
        });
      }
    },
  };
}

export const overhead = overheadBench({ items: 100_000, slots: 20, rounds: 9 });

/** Bytes that a run holds on to at most, of three moments: when the first slot is refilled, halfway, at the last item. */
async function mostHeap(
  run: Run,
  items: readonly number[],
  slots: number,
  collectGarbage: () => void,
): Promise<number> {
  const used = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const moments = [slots, Math.floor(items.length / 2), items.length - 1];
  const before = used();
  let most = 0;
  await run(items, slots, async (item) => {
    if (moments.includes(item)) most = Math.max(most, used() - before);
    return item;
  });
  return most;
}

/** Node's garbage collector as a function, without a flag on the command line. */
function exposeGc(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
