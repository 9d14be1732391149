import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { awsClients } from '../aws/clients.ts';
import { dynamoLedger } from '../aws/ledger.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { type Learned, merge, nothingLearned } from '../core/engine/learned.ts';
import { startTables } from './cloud.ts';
import { loadConfig } from './config.ts';
import { openDataDir, readPorts } from './data-dir.ts';

/** The logical id of the ledger's table in serverless.yml. */
const ledgerTable = 'LedgerTable';

/**
 * What the workers of earlier runs in a data directory learned about a workload's durations. Only the tables are
 * opened, or asked if a service has them open: no job goes on. Undefined if the directory has no tables.
 */
export async function learnedIn(directory: string, workload: string): Promise<Learned | undefined> {
  if (!existsSync(join(directory, 'tables'))) return undefined;
  const { resources, queueSources, region } = loadConfig();
  const table = resources.get(ledgerTable)?.name ?? '';
  const tables = await openTables(directory, region);
  const { dynamo } = awsClients({
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: tables.url,
  });
  try {
    const ledger = dynamoLedger(dynamo, table);
    const workers = new Set(queueSources.map(({ functionName }) => functionName));
    const learned = await Promise.all([...workers].map((name) => ledger.learned(`${workload}@${name}`)));
    return learned.reduce(merge, nothingLearned);
  } finally {
    dynamo.destroy();
    await tables.stop();
  }
}

async function openTables(
  directory: string,
  region: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  try {
    const dataDir = openDataDir(directory);
    const tables = await startTables(dataDir, region).catch((error: unknown) => {
      dataDir.release();
      throw error;
    });
    return {
      url: tables.url,
      async stop() {
        await tables.stop();
        dataDir.release();
      },
    };
  } catch (error) {
    const port = readPorts(join(directory, 'ports.json')).dynalite;
    if (!(error instanceof SpillwayError) || error.code !== 'DATA_DIR_IN_USE' || port === undefined)
      throw error;
    return { url: `http://127.0.0.1:${port}`, stop: async () => {} };
  }
}
