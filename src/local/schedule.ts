import { randomUUID } from 'node:crypto';
import { type Clock, sleep } from '../core/engine/clock.ts';
import { localAccountId } from './config-resources.ts';

export interface ScheduleOptions {
  functionName: string;
  everySeconds: number;
  region: string;
  clock: Clock;
  invoke(functionName: string, event: unknown): Promise<unknown>;
}

/** A running schedule. */
export interface RunningSchedule {
  /** Starts no more runs; settles when a run in progress has ended. */
  stop(): Promise<void>;
}

/**
 * Milliseconds until the first run: after a crash there may be work to pick up, which should not wait a full
 * interval.
 */
const firstDelay = 1_000;

/**
 * Runs a function at a fixed rate, and once soon after the start. A run that takes longer than the interval
 * delays the next: two never overlap. A failed run is not repeated, because the next one comes soon.
 */
export function startSchedule({
  functionName,
  everySeconds,
  region,
  clock,
  invoke,
}: ScheduleOptions): RunningSchedule {
  const stopping = new AbortController();
  const running = (async () => {
    let next = clock.now() + firstDelay;
    for (;;) {
      await sleep(clock, next - clock.now(), stopping.signal);
      next = clock.now() + everySeconds * 1000;
      // The function's log says why it failed.
      await invoke(functionName, scheduledEvent(functionName, region, clock.now())).catch(() => {});
    }
  })().catch((reason) => {
    if (!stopping.signal.aborted) throw reason;
  });
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** In EventBridge's format. */
function scheduledEvent(functionName: string, region: string, now: number) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: localAccountId,
    time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [`arn:aws:events:${region}:${localAccountId}:rule/${functionName}`],
    detail: {},
  };
}
