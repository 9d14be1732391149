import { rateRule } from '../limits/rule.ts';
import type { Plan, PlannedUpstream } from './input.ts';

/** Requests that an item makes on average, coalesced look-ups counted once. */
export function requestsPerItem({ callsPerItem, batchSize }: PlannedUpstream): number {
  return callsPerItem / batchSize;
}

/** The limit that holds the items back most. */
export interface Ceiling {
  upstream: string;
  /** As documented: `2/s`, `tokens 300,000/min`. */
  limit: string;
  itemsPerSecond: number;
}

/**
 * What the shared limiter makes of the documented rates, of which it keeps a little back; undefined where none holds the
 * run back. Items a second are those of the whole run: what a rate lets through at once does not have to be waited for,
 * which is much where an hour's units are kept and little in a long run.
 */
export function ceilingOf({ upstreams, items }: Plan): Ceiling | undefined {
  const ceilings = upstreams.flatMap((upstream) =>
    upstream.rates.map(({ counts, unitsPerCall, ...definition }) => {
      const { msPerUnit, burst } = rateRule(upstream.name, definition);
      const { perSecond, perMinute } = definition;
      const rate = perSecond === undefined ? `${numberOf(perMinute)}/min` : `${numberOf(perSecond)}/s`;
      const atOnce = Math.max(0, burst - Math.max(1, unitsPerCall));
      const waitedFor = Math.max(0, items * requestsPerItem(upstream) * unitsPerCall - atOnce);
      return {
        upstream: upstream.name,
        limit: counts === undefined ? rate : `${counts} ${rate}`,
        itemsPerSecond: (1000 * items) / (waitedFor * msPerUnit),
      };
    }),
  );
  const lowest = ceilings.toSorted((a, b) => a.itemsPerSecond - b.itemsPerSecond)[0];
  return lowest && Number.isFinite(lowest.itemsPerSecond) ? lowest : undefined;
}

const numberOf = (value = 0) => value.toLocaleString('en-US');
