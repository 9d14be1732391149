import { rateRule } from '../limits/rule.ts';
import type { Plan, PlannedUpstream } from './input.ts';

/** Requests that an item makes on average, coalesced look-ups counted once. */
export function requestsPerItem({ callsPerItem, batchSize }: PlannedUpstream): number {
  return callsPerItem / batchSize;
}

/** The limit that holds the items back most. */
export interface Ceiling {
  upstream: string;
  /** As documented: `2/s`, `100/min`. */
  limit: string;
  itemsPerSecond: number;
}

/** What the shared limiter makes of the documented rates, of which it keeps a little back; undefined without any. */
export function ceilingOf({ upstreams }: Plan): Ceiling | undefined {
  const ceilings = upstreams.flatMap((upstream) =>
    upstream.rates.map(({ unitsPerCall, ...definition }) => {
      const { msPerUnit } = rateRule(upstream.name, definition);
      const { perSecond, perMinute } = definition;
      return {
        upstream: upstream.name,
        limit: perSecond === undefined ? `${perMinute}/min` : `${perSecond}/s`,
        itemsPerSecond: 1000 / (msPerUnit * unitsPerCall * requestsPerItem(upstream)),
      };
    }),
  );
  const lowest = ceilings.toSorted((a, b) => a.itemsPerSecond - b.itemsPerSecond)[0];
  return lowest && Number.isFinite(lowest.itemsPerSecond) ? lowest : undefined;
}
