import type { Environment } from '../core/engine/environment.ts';
import type { Accounts } from '../core/http/accounts.ts';
import type { Cache, CacheLimits } from '../core/http/cache.ts';
import type { UpstreamDeps } from '../core/http/client.ts';
import type { DownloadPolicy } from '../core/http/download.ts';
import type { Blobs } from '../core/jobs/model/ports.ts';
import type { Workload } from '../core/jobs/workload.ts';

/** What workloads may use of the outside world. */
export interface WorkloadPorts {
  blobs: Blobs;
  /** Where the variables are that workloads declare as their settings. */
  env: Environment;
  /** What all downloads keep to: the addresses that may be called. */
  downloads: Pick<DownloadPolicy, 'allowHttp' | 'allowAddresses'>;
  /** What the clients of other people's APIs share: limits, breakers, metrics. */
  upstreamDeps: UpstreamDeps;
  /** Keys of other people's APIs, and where these are. Asked for when an item needs one, not before. */
  accounts: Accounts;
  /** A cache of what is fetched, kept by all workers together under this name. */
  openCache(name: string, limits: CacheLimits): Cache;
  /** Records that a workload keeps in a table of its own, which a setting names. */
  openRecords(table: string): Records;
}

/** A table of a workload's records. */
export interface Records {
  /**
   * Writes these fields of a record, which is made where there is none; others stay. `updatedAt`, and `createdAt` of a new
   * one, are set besides: ISO 8601. Saying it twice makes one record.
   */
  upsert(
    key: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Makes a workload, once for each process. Must not call anybody yet. */
export type WorkloadFactory = (ports: WorkloadPorts) => Workload;
