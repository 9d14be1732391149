import { s3Blobs } from './aws/blobs.ts';
import { portClients } from './aws/clients.ts';
import { dynamoLedger } from './aws/ledger.ts';
import { dynamoLimitStore } from './aws/limit-store.ts';
import { sqsQueue } from './aws/queue.ts';
import { dynamoRecords } from './aws/records.ts';
import { dynamoSharedCache } from './aws/shared-cache.ts';
import { systemClock } from './core/engine/clock.ts';
import { causesOf } from './core/engine/errors.ts';
import { openAccounts } from './core/http/accounts.ts';
import { createCache } from './core/http/cache.ts';
import type { JobsContext } from './core/jobs/model/jobs-context.ts';
import type { Log, Metrics } from './core/jobs/model/ports.ts';
import { createNotifier } from './core/jobs/notices/notifier.ts';
import { withLocalFiles } from './local/local-files.ts';
import type { ServiceSettings } from './settings.ts';
import { allWorkloads } from './workloads/registry.ts';

/**
 * Assembles the service: the only place that knows both the ports and their adapters.
 * @param deadline epoch milliseconds at which the invocation ends: failed calls to AWS are not repeated after it.
 * Default: never
 */
export function openService(
  settings: ServiceSettings,
  log: Log,
  metrics: Metrics,
  deadline: () => number = () => Number.POSITIVE_INFINITY,
): JobsContext {
  const { s3, sqs, dynamo } = portClients(settings.env, deadline);
  const store = s3Blobs(s3, settings.SPILLWAY_BUCKET);
  const blobs = settings.SPILLWAY_FILES_DIR ? withLocalFiles(store, settings.SPILLWAY_FILES_DIR) : store;
  const secrets = settings.SPILLWAY_WEBHOOK_SECRET;
  const accounts = openAccounts(settings.env);
  return {
    ledger: dynamoLedger(dynamo, settings.SPILLWAY_LEDGER_TABLE),
    queue: sqsQueue(sqs, settings.SPILLWAY_SLICE_QUEUE_URL),
    blobs,
    ...(secrets.length > 0 && {
      notifier: createNotifier({
        secrets,
        allowHttp: settings.SPILLWAY_ALLOW_HTTP,
        allowAddresses: settings.SPILLWAY_ALLOW_ADDRESSES,
      }),
    }),
    clock: systemClock,
    log,
    metrics,
    standIns: ({ upstreams = [], standIns }, options) => [
      ...upstreams.filter((upstream) => accounts.isStandIn(upstream)).map(({ name }) => name),
      ...(standIns?.(options) ?? []),
    ],
    workloads: allWorkloads({
      blobs,
      env: settings.env,
      accounts,
      openCache: (name, limits) =>
        createCache({
          ...limits,
          clock: systemClock,
          shared: dynamoSharedCache(dynamo, settings.SPILLWAY_LEDGER_TABLE, name),
          onUnreachable(error) {
            log.warn('cache unavailable, fetching', { cache: name, error: causesOf(error) });
            metrics.count('CacheUnreachable', 1);
          },
        }),
      upstreamDeps: {
        store: dynamoLimitStore(dynamo, settings.SPILLWAY_LEDGER_TABLE),
        clock: systemClock,
        metrics,
        workers: settings.SPILLWAY_MAX_WORKERS,
        onUnreachable(limit, error) {
          log.warn('limits unavailable, keeping to a fair share', { limit, error: causesOf(error) });
          metrics.count('LimitStoreUnreachable', 1);
        },
      },
      openRecords: (table) => dynamoRecords(dynamo, table),
      downloads: {
        allowHttp: settings.SPILLWAY_ALLOW_HTTP,
        allowAddresses: settings.SPILLWAY_ALLOW_ADDRESSES,
      },
    }),
    settings: {
      leaseMs: settings.SPILLWAY_LEASE_SECONDS * 1000,
      maxHops: settings.SPILLWAY_MAX_HOPS,
      maxWaits: settings.SPILLWAY_MAX_WAITS,
      maxCrashes: settings.SPILLWAY_MAX_CRASHES,
      ...(settings.SPILLWAY_SESSION !== undefined && { session: settings.SPILLWAY_SESSION }),
    },
  };
}
