import { type Clock, systemClock } from '../../../src/core/engine/clock.ts';
import type { Invocation } from '../../../src/core/jobs/model/invocation.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import type { Log, Metrics } from '../../../src/core/jobs/model/ports.ts';
import type { SliceRef } from '../../../src/core/jobs/model/slice.ts';
import type { Workload } from '../../../src/core/jobs/workload.ts';

/** Real time that can be set forward: leases run out without anybody waiting for them. */
export class ShiftableClock implements Clock {
  #ahead = 0;
  now = () => systemClock.now() + this.#ahead;
  after = systemClock.after;
  shift(ms: number): void {
    this.#ahead += ms;
  }
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const uncounted: Metrics = { count: () => {}, milliseconds: () => {}, percent: () => {} };

/** What a job needs from outside, but for its ports. */
export const surroundings = (workload: Workload, clock: Clock) => ({
  clock,
  log: silent,
  metrics: uncounted,
  workloads: new Map([[workload.name, workload]]),
  settings: { leaseMs: 10_000, maxHops: 20, maxWaits: 50, maxCrashes: 3 },
});

/** Ports that jobs can live on. */
export interface World {
  jobs(workload: Workload, clock?: Clock, more?: Partial<JobsContext>): JobsContext;
  /** Takes the messages that are in the queue now, in the order of their slices: a standard queue has none. */
  receive(): Promise<SliceRef[]>;
}

/** An invocation with `ms` milliseconds to work. */
export function invocation(clock: Clock, ms = 60_000, more: Partial<Invocation> = {}): Invocation {
  return {
    ranOn: 'test',
    stopAt: clock.now() + ms,
    slots: (concurrency) => concurrency,
    memoryBytes: () => 0,
    ...more,
  };
}
