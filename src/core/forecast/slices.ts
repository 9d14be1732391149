import { finishTimes } from '../engine/finish-times.ts';
import type { Plan } from './input.ts';
import { sampleOf, spreadOf } from './spread.ts';

/** How the job is cut into slices, and how long a worker takes for one if it waits only for its items. */
export interface Slices {
  count: number;
  /** Items in each but the last. */
  size: number;
  /** Milliseconds from one slice to the next. */
  ms: number;
  /** The processors need more time than the slots. */
  cpuBound: boolean;
}

/**
 * Claiming a slice, reading its items, recording its end: about ten sequential requests to AWS, at 10 to 20
 * ms. Assumed, not measured.
 */
const overheadMs = 150;
/** Lambda provides one processor per this much memory (docs.aws.amazon.com/lambda, configuration-memory). */
export const mbPerProcessor = 1_769;
/** Items to simulate the window with: enough for an average within a few percent. */
const tried = 2_048;

/**
 * A worker has one slice at a time, and slots stay empty while its last items finish, so a slice takes longer
 * than its items divided by the slots. The engine's own forecast simulates how much longer.
 */
export function slicesOf({ items, sliceSize, slots, itemMs, cpuMs, worker }: Plan): Slices {
  const size = Math.min(sliceSize, items);
  const spread = spreadOf(itemMs);
  const length = Math.min(size, tried);
  const repeats = Math.ceil(tried / length);
  const durations = sampleOf(spread, repeats * length);
  let total = 0;
  for (let start = 0; start < durations.length; start += length) {
    const ends = finishTimes(length, Math.min(slots, length), (at) => durations[start + at] ?? 0);
    total += ends.reduce((latest, end) => Math.max(latest, end), 0);
  }
  const slotMs = total / repeats + ((size - length) * spread.meanMs) / slots;
  const processorMs = (size * cpuMs * mbPerProcessor) / worker.memoryMb;
  return {
    count: Math.ceil(items / size),
    size,
    ms: Math.max(slotMs, processorMs) + overheadMs,
    cpuBound: processorMs > slotMs,
  };
}
