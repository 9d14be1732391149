import { Worker } from 'node:worker_threads';
import type { ServerKind } from '../aws/endpoints.ts';
import { createResources } from './cloud-resources.ts';
import type { CloudThreadData, CloudThreadReady } from './cloud-thread.ts';
import type { Resource } from './config-resources.ts';
import type { DataDir } from './data-dir.ts';
import { handBackReceived } from './hand-back.ts';
import { embeddedServer, givenServers, type Servers } from './servers.ts';

/** The addresses of S3, SQS and DynamoDB. */
export type Endpoints = Record<ServerKind, string>;

/** The cloud of one machine: embedded servers, or the servers that the environment names. */
export interface Cloud {
  endpoints: Endpoints;
  servers: Servers;
  /** The environment that points an AWS SDK at it. */
  environment: Record<string, string>;
  /** URL of a queue, by logical id. Throws if there is none. */
  queueUrl(id: string): string;
  stop(): Promise<void>;
}

export interface CloudOptions {
  dataDir: DataDir;
  region: string;
  resources: Map<string, Resource>;
  /** `AWS_ENDPOINT_URL_S3`, `_SQS`, `_DYNAMODB`, or `AWS_ENDPOINT_URL` for all, replace embedded servers. */
  env: NodeJS.ProcessEnv;
  /** Called when an embedded server dies by itself, after which nothing can be stored. */
  onFailure(error: Error): void;
}

/** An embedded server. */
interface EmbeddedServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts an embedded server for each kind that the environment does not point elsewhere, and creates missing
 * resources. Each embedded server has its own thread: its disk writes are synchronous and must never delay
 * the gateway, whose answers have a deadline. Throws `SERVERS_MISCONFIGURED` or `SERVER_UNUSABLE` if the
 * environment's servers cannot be used.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, region, env } = options;
  const given = givenServers(env);
  const started: EmbeddedServer[] = [];
  const serve = async (server: CloudThreadData['server'], directory: string) => {
    const path = dataDir.directory(directory);
    const embedded = await startServer(options, { server, path, region, port: 0 });
    started.push(embedded);
    return embedded.url;
  };
  const stop = async () => {
    await Promise.all(started.map((embedded) => embedded.stop()));
  };
  try {
    const needsFauxqs = given.s3 === undefined || given.sqs === undefined;
    const [fauxqs = '', dynalite = ''] = await Promise.all([
      needsFauxqs ? serve('fauxqs', 'objects-and-queues') : undefined,
      given.dynamodb === undefined ? serve('dynalite', 'tables') : undefined,
    ]);
    const servers: Servers = {
      s3: embeddedServer('s3', fauxqs),
      sqs: embeddedServer('sqs', fauxqs),
      dynamodb: embeddedServer('dynamodb', dynalite),
      ...given,
    };
    const endpoints = { s3: servers.s3.url, sqs: servers.sqs.url, dynamodb: servers.dynamodb.url };
    const environment = sdkEnvironment(servers, region, env);
    const queueUrls = await createResources({ servers, environment, resources: options.resources });
    if (given.sqs === undefined) await handBackReceived(queueUrls.values(), environment);
    return {
      endpoints,
      servers,
      environment,
      queueUrl: (id) => {
        const url = queueUrls.get(id);
        if (url === undefined) throw new Error(`There is no queue '${id}' at ${endpoints.sqs}`);
        return url;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Embedded servers check no credentials, but the SDK requires some, and would prefer a profile to them. For
 * other servers, the caller's own settings stay, and the SDK finds missing ones as usual.
 */
function sdkEnvironment(servers: Servers, region: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const chosen = Object.values(servers).some(({ given }) => given !== undefined);
  const own = Object.entries(env).filter(
    (entry): entry is [string, string] => /^AWS_(?!LAMBDA_)/.test(entry[0]) && entry[1] !== undefined,
  );
  return {
    AWS_REGION: region,
    ...(chosen ? Object.fromEntries(own) : { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }),
    AWS_ENDPOINT_URL_S3: servers.s3.url,
    AWS_ENDPOINT_URL_SQS: servers.sqs.url,
    AWS_ENDPOINT_URL_DYNAMODB: servers.dynamodb.url,
  };
}

/** Serves the tables of a data directory alone. */
export function startTables(dataDir: DataDir, region: string): Promise<EmbeddedServer> {
  const path = dataDir.directory('tables');
  const onFailure = (error: Error) => {
    throw error;
  };
  return startServer({ dataDir, onFailure }, { server: 'dynalite', path, region, port: 0 });
}

/** Starts on the previous port, or on a free one if that is taken. */
async function startServer(
  { dataDir, onFailure }: Pick<CloudOptions, 'dataDir' | 'onFailure'>,
  data: CloudThreadData,
): Promise<EmbeddedServer> {
  const lastPort = dataDir.lastPort(data.server);
  const started = await startThread({ ...data, port: lastPort ?? 0 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (lastPort === undefined || error.code !== 'EADDRINUSE') throw error;
      return startThread(data);
    },
  );
  dataDir.rememberPort(data.server, started.port);
  const { worker } = started;
  worker.on('error', onFailure);
  return {
    url: `http://127.0.0.1:${started.port}`,
    stop: async () => {
      worker.off('error', onFailure);
      // Errors of connections that end with the server no longer matter.
      worker.on('error', () => {});
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage('stop');
      await exited;
    },
  };
}

/** Per embedded server. */
const youngGenerationMb = 12;

function startThread(data: CloudThreadData): Promise<{ worker: Worker; port: number }> {
  return new Promise((resolve, reject) => {
    // Its own options, not this process's, which may be a test runner's.
    const worker = new Worker(new URL('./cloud-thread.ts', import.meta.url), {
      workerData: data,
      execArgv: [],
      // Bodies pass through and become garbage at once: a small young generation keeps them from piling up.
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    worker.once('error', reject);
    worker.once('message', ({ port }: CloudThreadReady) => {
      worker.off('error', reject);
      resolve({ worker, port });
    });
  });
}
