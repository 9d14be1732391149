import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { s3Blobs } from '../../src/aws/blobs.ts';
import { awsClients } from '../../src/aws/clients.ts';
import { startCloud } from '../../src/local/cloud.ts';
import { loadConfig } from '../../src/local/config.ts';
import { openDataDir } from '../../src/local/data-dir.ts';
import { openService } from '../../src/service.ts';
import { readSettings } from '../../src/settings.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const uncounted = { count: () => {}, milliseconds: () => {}, percent: () => {} };

/**
 * The resources of serverless.yml, embedded and empty, without any function at work on them. `env` is what a deployment
 * would find in its environment.
 */
export async function startEmptyCloud(env: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'spillway-deploy-test-'));
  const dataDir = openDataDir(directory);
  const config = loadConfig({ env });
  const { region, resources, functions } = config;
  const cloud = await startCloud({
    dataDir,
    region,
    resources,
    env: {},
    onFailure: (error) => {
      throw error;
    },
  });

  /** What a deployed function of this name would see, and nothing else of this process's. */
  const environmentOf = (name: string): Record<string, string> => {
    const own = Object.entries(functions.get(name)?.environment ?? {}).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : cloud.queueUrl(value.queueUrlOf),
    ]);
    return {
      ...cloud.environment,
      AWS_LAMBDA_FUNCTION_NAME: name,
      POWERTOOLS_TRACE_ENABLED: 'false',
      ...Object.fromEntries(own),
    };
  };
  const environment = environmentOf('continueJob');
  const { s3, dynamo } = awsClients(environment);
  return {
    environmentOf,
    s3,
    dynamo,
    bucket: environment.SPILLWAY_BUCKET ?? '',
    catalogTable: environment.SPILLWAY_CATALOG_TABLE ?? '',
    jobs: openService(readSettings(environment), quiet, uncounted),
    /** Puts photos of `events/photos` where uploads of the tenant `local` lie. */
    async upload(...names: string[]): Promise<void> {
      const blobs = s3Blobs(s3, environment.SPILLWAY_BUCKET ?? '');
      for (const name of names) {
        await blobs.put(`uploads/local/${name}`, await readFile(join('events/photos', name)), 'image/jpeg');
      }
    },
    async stop(): Promise<void> {
      await cloud.stop();
      dataDir.release();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type EmptyCloud = Awaited<ReturnType<typeof startEmptyCloud>>;
