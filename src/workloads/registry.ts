import type { Blobs } from '../jobs/ports.ts';
import type { Workload } from '../jobs/workload.ts';
import type { Accounts } from '../upstream/accounts.ts';
import type { Cache, CacheLimits } from '../upstream/cache.ts';
import type { UpstreamDeps } from '../upstream/client.ts';
import type { DownloadPolicy } from '../upstream/download.ts';
import { analyzeProducts } from './analyze-products/workload.ts';
import type { Catalog } from './create-products/catalog.ts';
import { createProducts } from './create-products/workload.ts';
import { echo } from './echo/workload.ts';
import { enrichLeads } from './enrich-leads/workload.ts';
import { extractFiles } from './extract-files/workload.ts';
import type { Secrets } from './recommend-cards/secrets.ts';
import { recommendCards } from './recommend-cards/workload.ts';

/** What workloads may use of the outside world. */
export interface WorkloadPorts {
  blobs: Blobs;
  catalog: Catalog;
  downloads: DownloadPolicy;
  /** What the clients of other people's APIs share: limits, breakers, metrics. */
  upstreamDeps: UpstreamDeps;
  /** Secrets that a job's options may refer to by name. */
  secrets: Secrets;
  /** Keys of other people's APIs, and where these are. Asked for when an item needs one, not before. */
  accounts: Accounts;
  /** A cache of what is fetched, kept by all workers together under this name. */
  openCache(name: string, limits: CacheLimits): Cache;
}

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
