import { systemClock } from '../../src/core/engine/clock.ts';
import type { Environment } from '../../src/core/engine/environment.ts';
import { openAccounts } from '../../src/core/http/accounts.ts';
import { createCache } from '../../src/core/http/cache.ts';
import { memoryBlobs } from '../../src/memory/blobs.ts';
import { memoryRecords } from '../../src/memory/records.ts';
import { memorySharedCache } from '../../src/memory/shared-cache.ts';
import type { WorkloadPorts } from '../../src/workloads/ports.ts';
import { depsOf } from './clients.ts';

/** What workloads may use of the outside world, in memory. */
export function memoryPorts(env: Environment = {}): WorkloadPorts {
  return {
    blobs: memoryBlobs(),
    env,
    downloads: {},
    upstreamDeps: depsOf(),
    accounts: openAccounts(env),
    openCache: (_, limits) =>
      createCache({ ...limits, clock: systemClock, shared: memorySharedCache(), onUnreachable: () => {} }),
    openRecords: () => memoryRecords(),
  };
}
