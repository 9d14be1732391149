import { s3Blobs } from './aws/blobs.ts';
import { dynamoCatalog } from './aws/catalog.ts';
import { awsClients } from './aws/clients.ts';
import { dynamoLedger } from './aws/ledger.ts';
import { dynamoLimitStore } from './aws/limit-store.ts';
import { sqsQueue } from './aws/queue.ts';
import { systemClock } from './engine/clock.ts';
import { SpillwayError } from './engine/errors.ts';
import type { Log, Metrics } from './jobs/ports.ts';
import type { Room } from './jobs/room.ts';
import { withLocalFiles } from './local/local-files.ts';
import type { ServiceSettings } from './settings.ts';
import { createNotifier } from './upstream/webhook.ts';
import type { Catalog } from './workloads/create-products/catalog.ts';
import { allWorkloads } from './workloads/registry.ts';

/** Largest photo, in bytes. */
const maxPhotoBytes = 20 * 2 ** 20;

/** Puts the rooms together: the only place that knows both the ports and what stands behind them. */
export function openService(settings: ServiceSettings, log: Log, metrics: Metrics): Room {
  const { s3, sqs, dynamo } = awsClients();
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
      upstreamDeps: {
        store: dynamoLimitStore(dynamo, settings.SPILLWAY_LEDGER_TABLE),
        clock: systemClock,
        metrics,
        workers: settings.SPILLWAY_MAX_WORKERS,
        onUnreachable(limit, error) {
          log.warn('limits out of reach, keeping to a fair share', { limit, error: String(error) });
          metrics.count('LimitStoreUnreachable', 1);
        },
      },
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
    throw new SpillwayError('CONFIGURATION_INVALID', 'SPILLWAY_CATALOG_TABLE is not set for this function');
  },
};
