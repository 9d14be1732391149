import { SpillwayError } from '../core/engine/errors.ts';
import type { Workload } from '../core/jobs/workload.ts';
import { analyzeProducts } from './analyze-products/workload.ts';
import { callApi } from './call-api/workload.ts';
import { createProducts } from './create-products/workload.ts';
import { echo } from './echo/workload.ts';
import { enrichLeads } from './enrich-leads/workload.ts';
import { extractFiles } from './extract-files/workload.ts';
import type { WorkloadFactory, WorkloadPorts } from './ports.ts';
import { recommendCards } from './recommend-cards/workload.ts';
import { workloadErrors } from './workload-errors.ts';

/** Every workload of the service: to add one, add a folder beside this file and a line here. */
export const registry: readonly WorkloadFactory[] = [
  createProducts,
  enrichLeads,
  analyzeProducts,
  recommendCards,
  callApi,
  extractFiles,
  echo,
];

/** The workloads by name. Throws `WORKLOAD_INVALID` if two share a name. */
export function allWorkloads(
  ports: WorkloadPorts,
  factories: readonly WorkloadFactory[] = registry,
): ReadonlyMap<string, Workload> {
  const workloads = new Map<string, Workload>();
  for (const make of factories) {
    const workload = make(ports);
    if (workloads.has(workload.name)) {
      throw new SpillwayError(
        workloadErrors.WORKLOAD_INVALID,
        `Two workloads have the name ${workload.name}`,
      );
    }
    workloads.set(workload.name, workload);
  }
  return workloads;
}
