import type { Blobs } from '../jobs/ports.ts';
import type { Workload } from '../jobs/workload.ts';
import type { UpstreamDeps } from '../upstream/client.ts';
import type { DownloadPolicy } from '../upstream/download.ts';
import type { Catalog } from './create-products/catalog.ts';
import { createProducts } from './create-products/workload.ts';
import { echo } from './echo/workload.ts';
import { extractFiles } from './extract-files/workload.ts';

/** What workloads may use of the outside world. */
export interface WorkloadPorts {
  blobs: Blobs;
  catalog: Catalog;
  downloads: DownloadPolicy;
  /** What the clients of other people's APIs share: limits, breakers, metrics. */
  upstreamDeps: UpstreamDeps;
}

/** Every workload of the service: a new one is a folder beside this file and a line here. */
export function allWorkloads(ports: WorkloadPorts): ReadonlyMap<string, Workload> {
  const workloads = [createProducts(ports), echo(), extractFiles(ports)];
  return new Map(workloads.map((workload) => [workload.name, workload]));
}
