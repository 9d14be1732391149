import { systemClock } from '../../src/core/engine/clock.ts';
import type { Environment } from '../../src/core/engine/environment.ts';
import { openAccounts } from '../../src/core/http/accounts.ts';
import { createCache } from '../../src/core/http/cache.ts';
import { continueSlice } from '../../src/core/jobs/continue.ts';
import type { Invocation } from '../../src/core/jobs/model/invocation.ts';
import type { JobsContext } from '../../src/core/jobs/model/jobs-context.ts';
import { memoryBlobs } from '../../src/memory/blobs.ts';
import { memoryLedger } from '../../src/memory/ledger.ts';
import { memoryQueue } from '../../src/memory/queue.ts';
import { memorySharedCache } from '../../src/memory/shared-cache.ts';
import type { WorkloadFactory } from '../../src/workloads/ports.ts';
import { allWorkloads } from '../../src/workloads/registry.ts';
import { depsOf } from './clients.ts';

const silent = () => {};

/** A service in memory, with its worker. */
export function memoryService(factories: readonly WorkloadFactory[], env: Environment = {}) {
  const clock = systemClock;
  const blobs = memoryBlobs();
  const queue = memoryQueue(clock);
  const jobs: JobsContext = {
    ledger: memoryLedger(),
    queue,
    blobs,
    clock,
    log: { info: silent, warn: silent, error: silent },
    metrics: { count: silent, milliseconds: silent, percent: silent },
    workloads: allWorkloads(
      {
        blobs,
        env,
        downloads: {},
        upstreamDeps: depsOf(),
        accounts: openAccounts(env),
        openCache: (_, limits) =>
          createCache({ ...limits, clock, shared: memorySharedCache(), onUnreachable: silent }),
        openRecords: () => ({ upsert: async () => {} }),
      },
      factories,
    ),
    settings: { leaseMs: 10_000, maxHops: 20, maxWaits: 50, maxCrashes: 3 },
  };
  const invocation = (ms = 60_000): Invocation => ({
    ranOn: 'test',
    stopAt: clock.now() + ms,
    slots: (concurrency) => concurrency,
    memoryBytes: () => 0,
  });
  return {
    jobs,
    invocation,
    /** Delivers the messages that are due until there are none. */
    async drain(): Promise<void> {
      for (let refs = queue.receive(); refs.length > 0; refs = queue.receive()) {
        for (const ref of refs) await continueSlice(jobs, invocation(), ref);
      }
    },
  };
}
