import type { Environment } from '../core/engine/environment.ts';
import type { Accounts } from '../core/http/accounts.ts';
import type { Cache, CacheLimits } from '../core/http/cache.ts';
import type { UpstreamDeps } from '../core/http/client.ts';
import type { DownloadPolicy } from '../core/http/download.ts';
import type { Blobs } from '../core/jobs/model/ports.ts';
import type { Workload } from '../core/jobs/workload.ts';

/** The parts of the outside world that workloads may use. */
export interface WorkloadPorts {
  blobs: Blobs;
  /** The environment that holds the variables that workloads declare as their settings. */
  env: Environment;
  /** The policy of all downloads: which addresses may be called. */
  downloads: Pick<DownloadPolicy, 'allowHttp' | 'allowAddresses'>;
  /** What upstreams' clients share: limits, breakers, metrics. */
  upstreamDeps: UpstreamDeps;
  /** Keys and addresses of upstreams. Read when an item needs one, not before. */
  accounts: Accounts;
  /** A cache that all workers share under this name. */
  openCache(name: string, limits: CacheLimits): Cache;
  /** A workload's records in a table of its own, which a setting names. */
  openRecords(table: string): Records;
}

/** A record with its keys, its fields, `createdAt` and `updatedAt`. */
export type KeptRecord = Readonly<Record<string, unknown>>;
/** Identifies a record. All records of a table have the same two: the first names a partition, the second is unique in it. */
export type RecordKey = Readonly<Record<string, string>>;

/** A table of a workload's records. */
export interface Records {
  /**
   * Writes these fields of a record and keeps its others; creates the record if it does not exist. Also sets
   * `updatedAt`, and `createdAt` of a new record: ISO 8601. A repeated call makes one record.
   */
  upsert(key: RecordKey, fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>;
  /** Undefined if there is no such record. */
  get(key: RecordKey): Promise<KeptRecord | undefined>;
  /** The records of a partition in the order of their second keys, behind the record `after`; `pageSize` at a time. */
  list(partition: RecordKey, pageSize: number, after?: RecordKey): AsyncIterable<KeptRecord>;
  /**
   * Writes these fields of a record that was last written at `updatedAt`, and gives it a later `updatedAt`. Undefined
   * if it was written since, or is gone.
   */
  change(
    key: RecordKey,
    fields: Readonly<Record<string, unknown>>,
    updatedAt: string,
  ): Promise<KeptRecord | undefined>;
  /** Removes a record; one that does not exist is no error. */
  remove(key: RecordKey): Promise<void>;
}

/** Makes a workload, once for each process. Must not call any service yet. */
export type WorkloadFactory = (ports: WorkloadPorts) => Workload;
