import { s3Blobs } from './aws/blobs.ts';
import { dynamoCatalog } from './aws/catalog.ts';
import { portClients } from './aws/clients.ts';
import { dynamoLedger } from './aws/ledger.ts';
import { dynamoLimitStore } from './aws/limit-store.ts';
import { sqsQueue } from './aws/queue.ts';
import { dynamoSharedCache } from './aws/shared-cache.ts';
import { systemClock } from './core/engine/clock.ts';
import { causesOf, SpillwayError } from './core/engine/errors.ts';
import { createCache } from './core/http/cache.ts';
import type { JobsContext } from './core/jobs/model/jobs-context.ts';
import type { Log, Metrics } from './core/jobs/model/ports.ts';
import { createNotifier } from './core/jobs/notices/notifier.ts';
import { withLocalFiles } from './local/local-files.ts';
import type { ServiceSettings } from './settings.ts';
import { settingsErrors } from './settings.ts';
import { openAccounts } from './workloads/accounts.ts';
import type { Catalog } from './workloads/create-products/catalog.ts';
import { environmentSecrets } from './workloads/recommend-cards/secrets.ts';
import { allWorkloads } from './workloads/registry.ts';

/** Largest photo, in bytes. */
const maxPhotoBytes = 20 * 2 ** 20;

/**
 * Puts the rooms together: the only place that knows both the ports and what stands behind them.
 * @param deadline epoch milliseconds at which the invocation ends: failed calls to AWS are not repeated after it. Default: never
 */
export function openService(
  settings: ServiceSettings,
  log: Log,
  metrics: Metrics,
  deadline: () => number = () => Number.POSITIVE_INFINITY,
): JobsContext {
  const { s3, sqs, dynamo } = portClients(process.env, deadline);
  const store = s3Blobs(s3, settings.SPILLWAY_BUCKET);
  const blobs = settings.SPILLWAY_FILES_DIR ? withLocalFiles(store, settings.SPILLWAY_FILES_DIR) : store;
  const catalogTable = settings.SPILLWAY_CATALOG_TABLE;
  const secrets = settings.SPILLWAY_WEBHOOK_SECRET;
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
    workloads: allWorkloads({
      blobs,
      accounts: openAccounts(settings),
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
      secrets: environmentSecrets(process.env),
      catalog: catalogTable === undefined ? noCatalog : dynamoCatalog(dynamo, catalogTable),
      downloads: {
        allowHttp: settings.SPILLWAY_ALLOW_HTTP,
        allowAddresses: settings.SPILLWAY_ALLOW_ADDRESSES,
        maxBytes: maxPhotoBytes,
        timeoutMs: settings.SPILLWAY_PHOTO_TIMEOUT_SECONDS * 1000,
        maxRedirects: 3,
      },
    }),
    settings: {
      leaseMs: settings.SPILLWAY_LEASE_SECONDS * 1000,
      maxHops: settings.SPILLWAY_MAX_HOPS,
      maxWaits: settings.SPILLWAY_MAX_WAITS,
      maxCrashes: settings.SPILLWAY_MAX_CRASHES,
    },
  };
}

/** Functions that only read jobs have no right to the catalog, nor its name. */
const noCatalog: Catalog = {
  upsert: async () => {
    throw new SpillwayError(
      settingsErrors.CONFIGURATION_INVALID,
      'SPILLWAY_CATALOG_TABLE is not set for this function',
    );
  },
};
