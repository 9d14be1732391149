import { count, quantile } from '../engine/durations.ts';
import { around } from '../engine/learned.ts';
import type { EarlierRuns, Figures } from './figures.ts';
import { durationText } from './units.ts';

/** Fewer items than this teach nothing. */
const least = 5;

/**
 * Figures with the durations of earlier runs in place of the workload's own guess; unchanged if there are too few, or
 * if the options say how long an item takes. `slots`: how many items run at the same time. `weight`: of a mean item, if
 * the figures do not say it.
 */
export function withEarlierRuns(figures: Figures, runs: EarlierRuns, slots: number, weight = 1): Figures {
  const durations = around(runs.learned, slots, least);
  const items = Math.round(count(durations));
  const units = runs.per === 'unit' ? (figures.weight ?? weight) : 1;
  const ms = (q: number) => Math.max(0.001, (quantile(durations, q) ?? 0) * units);
  if (figures.itemMsGiven || items < least) return figures;
  const typical = ms(0.5);
  const faster = typical / figures.itemMs.typical;
  return {
    ...figures,
    itemMs: { typical, p90: ms(0.9), p95: ms(0.95) },
    ...(figures.upstreams && {
      upstreams: figures.upstreams.map((one) => ({ ...one, latencyMs: one.latencyMs * faster })),
    }),
    assumed: [
      `an item takes ${durationText(typical)} (19 of 20 at most ${durationText(ms(0.95))}): learned from ${items} items of earlier runs, ${runs.from}`,
      `whichever API or stand-in answered them; without them it is ${durationText(figures.itemMs.typical)}, as the next lines say`,
      ...figures.assumed,
    ],
  };
}
