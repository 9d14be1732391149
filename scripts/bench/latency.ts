/**
 * How well slots are kept busy when latencies vary, as they do behind a network. 1,000 items each sleep for a
 * log-normal latency of median 25 ms and sigma 1: the slowest 1% take ten times the median or more, the spread of an
 * API with a model or other services behind it. The smaller the spread, the less lock-step batches lose.
 *
 * Every system gets the same items in the same order and does nothing in them but sleep. Its worker is up and, where
 * there is a queue, the items are in it before the clock starts; it stops when the last result is in.
 *
 * Limit: each item starts in order as soon as one of the slots is free, at no cost. It is computed from how long the
 * items really sleep here, since timers round up: the median of three sleeps in bare loops that do nothing else.
 */
import { finishTimes } from '../../src/core/engine/finish-times.ts';
import type { Bench } from './bench.ts';
import { bullmq } from './latency/bullmq.ts';
import { celery } from './latency/celery.ts';
import { inProcess } from './latency/in-process.ts';
import { type Item, logNormal, measureSleeps } from './latency/items.ts';
import { python } from './latency/python.ts';
import type { System } from './latency/system.ts';

interface Setup {
  items: number;
  medianMs: number;
  sigma: number;
  slots: readonly number[];
  systems: readonly System[];
}

export function latencyBench({ items: count, medianMs, sigma, slots, systems }: Setup): Bench {
  return {
    name: 'latency',
    about: `${count} items of varying latency in ${slots.join(', ')} slots`,
    async run(report) {
      report.note('measuring the sleeps');
      const items = await measureSleeps(logNormal(count, medianMs, sigma));
      const available = systems.filter(({ name, missing }) => {
        const reason = missing();
        if (reason !== undefined) report.skip(name, reason);
        return reason === undefined;
      });
      for (const n of slots) {
        const limitSeconds = idealSeconds(items, n);
        const add = (system: string, seconds: number, checked: boolean) =>
          report.row({
            system,
            seconds,
            items: count,
            limitSeconds,
            checked,
            extra: { case: `${n} slots`, slotsBusyPercent: busyPercent(items, n, seconds) },
          });
        add('limit', limitSeconds, true);
        for (const system of available) {
          report.note(`${n} slots: ${system.name}`);
          const { seconds, results } = await system.run(items, n);
          add(system.name, seconds, inOrder(items, results));
        }
      }
    },
  };
}

export const latency = latencyBench({
  items: 1000,
  medianMs: 25,
  sigma: 1,
  slots: [5, 20, 50],
  systems: [...inProcess, bullmq, ...python, celery],
});

function idealSeconds(items: readonly Item[], slots: number): number {
  return Math.max(...finishTimes(items.length, slots, (index) => items[index]?.sleptMs ?? 0)) / 1000;
}

/** The share of the slots' time in which an item slept, had it slept as long as it should. */
function busyPercent(items: readonly Item[], slots: number, seconds: number): number {
  const sleptMs = items.reduce((sum, item) => sum + item.sleptMs, 0);
  return sleptMs / (slots * seconds * 10);
}

function inOrder(items: readonly Item[], results: readonly unknown[]): boolean {
  return results.length === items.length && items.every(({ value }, index) => results[index] === value);
}
