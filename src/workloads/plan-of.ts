import { withEarlierRuns } from '../core/forecast/earlier-runs.ts';
import type { Figures, RunFacts } from '../core/forecast/figures.ts';
import type { PlanInput } from '../core/forecast/input.ts';
import { limitsOf } from '../core/jobs/model/workload-limits.ts';
import type { Workload } from '../core/jobs/workload.ts';

/** Bytes of a row and of its result, if the workload does not say. Assumed. */
const usualBytes = 200;

/**
 * The start of a run's forecast: what the workload says about its items, and how they are packed. `options`:
 * parsed. Throws `OPTIONS_INVALID`.
 */
export function planOf(workload: Workload, options: unknown, run: RunFacts): PlanInput {
  const { concurrency, sliceSize, maxWorkers, checkpointMs } = limitsOf(workload, options);
  const own = workload.figures?.(options, run) ?? usualFigures(workload, run);
  const { earlier, weight } = run;
  const {
    sourceBytes,
    outputBytes,
    worker = {},
    itemMsGiven: _,
    weight: __,
    ...figures
  } = earlier ? withEarlierRuns(own, earlier, concurrency, weight) : own;
  return {
    name: workload.name,
    items: run.items,
    slots: concurrency,
    sliceSize,
    checkpointMs,
    ...figures,
    worker: { ...(maxWorkers !== undefined && { most: maxWorkers }), ...worker },
    sourceBytes: run.sourceBytes ?? run.items * sourceBytes,
    outputBytes: run.items * outputBytes,
  };
}

/** Figures of a workload that states only how long its items should take. */
function usualFigures({ limits }: Workload, { weight = 1 }: RunFacts): Figures {
  const typical = limits.expectedMsPerUnit * weight;
  return {
    itemMs: { typical },
    sourceBytes: usualBytes,
    outputBytes: usualBytes,
    assumed: [`an item takes ${typical} ms, calls nobody, and has ${usualBytes} bytes, as its result has`],
  };
}
