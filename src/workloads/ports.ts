import type { Cache, CacheLimits } from '../core/http/cache.ts';
import type { UpstreamDeps } from '../core/http/client.ts';
import type { DownloadPolicy } from '../core/http/download.ts';
import type { Blobs } from '../core/jobs/model/ports.ts';
import type { Accounts } from './accounts.ts';
import type { Catalog } from './create-products/catalog.ts';
import type { Secrets } from './recommend-cards/secrets.ts';

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
