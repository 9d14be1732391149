import { footprintOf, mostSlices, partitionReads } from './footprint.ts';
import type { Plan } from './input.ts';
import type { Scale } from './scale.ts';
import type { Slices } from './slices.ts';
import { countText } from './units.ts';

/** Items and records are deleted after this many days: serverless.yml, src/aws/ledger-items.ts. */
const keptDays = 30;

/** Problems of `scale`, and settings that are probably mistakes; each says what to change. */
export function warningsOf(plan: Plan, slices: Slices, scales: readonly Scale[], scale: Scale): string[] {
  const { items, itemMs, upstreams, worker } = plan;
  const warnings: string[] = [];
  if (slices.count > mostSlices) {
    const least = Math.ceil(items / mostSlices);
    warnings.push(
      `${countText(slices.count)} slices are more than a job can count (${countText(mostSlices)}): ` +
        `slices of at least ${countText(least)} items, or several jobs`,
    );
  }
  const reads = footprintOf(plan, slices, scale).jobReadsPerSecond;
  if (reads > partitionReads) {
    warnings.push(
      `${scale.processes} workers read the job's record with up to ${countText(reads)} units a second, of which DynamoDB ` +
        `gives ${countText(partitionReads)}: larger slices, or fewer workers`,
    );
  }
  if (scale.deliveries > 1) {
    const minutes = Math.round(scale.sliceMs / 6_000) / 10;
    warnings.push(
      `a slice takes about ${minutes} min and an invocation ends after ${worker.timeoutSeconds} s: ` +
        `it is handed on ${scale.deliveries - 1} times; use smaller slices`,
    );
  }
  const late = scales.filter(({ durationMs }) => durationMs > keptDays * 86_400_000);
  if (late.length > 0) {
    const few = Math.max(...late.map(({ workers }) => workers));
    warnings.push(
      `with up to ${few} worker${few === 1 ? '' : 's'} it takes longer than the ${keptDays} days that a job is kept`,
    );
  }
  for (const { name, latencyMs, callsPerItem, batchSize } of upstreams) {
    if (batchSize === 1 && callsPerItem >= 1 && latencyMs > itemMs.typical) {
      warnings.push(
        `one request to ${name} takes longer (${latencyMs} ms) than a whole item (${itemMs.typical} ms)`,
      );
    }
  }
  return warnings;
}
