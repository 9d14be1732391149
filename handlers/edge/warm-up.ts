import type { Workload } from '../../src/core/jobs/workload.ts';
import { log } from './powertools.ts';

/**
 * Loads what workloads need during the cold start, so that it costs no caller's budget. A failure shows with the
 * first item.
 */
export function warmUp(workloads: Iterable<Workload>): void {
  for (const { name, warmUp } of workloads) {
    warmUp?.().catch((error) => log.error('not warmed up', { workload: name, error: String(error) }));
  }
}
