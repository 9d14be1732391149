import type { Workload } from '../core/jobs/workload.ts';
import { analyzeProducts } from './analyze-products/workload.ts';
import { createProducts } from './create-products/workload.ts';
import { echo } from './echo/workload.ts';
import { enrichLeads } from './enrich-leads/workload.ts';
import { extractFiles } from './extract-files/workload.ts';
import type { WorkloadPorts } from './ports.ts';
import { recommendCards } from './recommend-cards/workload.ts';

/** Every workload of the service: a new one is a folder beside this file and a line here. */
export function allWorkloads(ports: WorkloadPorts): ReadonlyMap<string, Workload> {
  const workloads = [
    createProducts(ports),
    enrichLeads(ports),
    analyzeProducts(ports),
    recommendCards(ports),
    extractFiles(ports),
    echo(),
  ];
  return new Map(workloads.map((workload) => [workload.name, workload]));
}
