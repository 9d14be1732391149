import { rateRule } from '../limits/rule.ts';
import type { Plan, PlannedUpstream } from './input.ts';

/** Average requests per item; combined look-ups count as one. */
export function requestsPerItem({ callsPerItem, batchSize }: PlannedUpstream): number {
  return callsPerItem / batchSize;
}

/** The limit that slows the items most. */
export interface Ceiling {
  upstream: string;
  /** As documented: `2/s`, `tokens 300,000/min`. */
  limit: string;
  itemsPerSecond: number;
}

/**
 * The rate that the shared limiter makes of the documented rates, of which it keeps a little back; undefined
 * if none slows the run. It gives items per second over the whole run. Units that a rate lets through at once
 * need no waiting: they matter where an hour's units accumulate, and little in a long run.
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
