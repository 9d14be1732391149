import type { PlanInput } from '../../../src/core/forecast/input.ts';

/** The user's run: 2 million users, one answer of 35 kB each. `latencyMs` is what their figures leave open. */
export function cards(latencyMs: number, more: Partial<PlanInput> = {}): PlanInput {
  return {
    name: 'recommend-cards',
    items: 2_000_000,
    sliceSize: 100,
    slots: 1,
    itemMs: { typical: latencyMs, sigma: 0 },
    checkpointMs: 5_000,
    upstreams: [{ name: 'card-api', callsPerItem: 1, bytesIn: 35_000, bytesOut: 1_000, latencyMs }],
    sourceBytes: 400_000_000,
    outputBytes: 1_600_000_000,
    ...more,
  };
}

/** 1,000 items of exactly a second, ten at a time: a worker does a slice of 50 in 5.15 s. */
export function round(more: Partial<PlanInput> = {}): PlanInput {
  return { items: 1_000, sliceSize: 50, slots: 10, itemMs: { typical: 1_000, sigma: 0 }, ...more };
}
