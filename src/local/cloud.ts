import { Worker } from 'node:worker_threads';
import { createResources } from './cloud-resources.ts';
import type { CloudThreadData, CloudThreadReady } from './cloud-thread.ts';
import type { Resource } from './config-resources.ts';
import type { DataDir } from './data-dir.ts';
import { handBackReceived } from './hand-back.ts';

/** Where S3, SQS and DynamoDB answer. */
export interface Endpoints {
  s3: string;
  sqs: string;
  dynamodb: string;
}

/** The cloud of one machine: embedded servers, or those that the environment names. */
export interface Cloud {
  endpoints: Endpoints;
  /** Environment that points an AWS SDK at it. */
  environment: Record<string, string>;
  /** URL of a queue, by logical id. Throws where there is none. */
  queueUrl(id: string): string;
  stop(): Promise<void>;
}

export interface CloudOptions {
  dataDir: DataDir;
  region: string;
  resources: Map<string, Resource>;
  /** `AWS_ENDPOINT_URL_S3`, `_SQS` and `_DYNAMODB` in it are used instead of embedded servers. */
  env: NodeJS.ProcessEnv;
  /** Called when an embedded server dies by itself: nothing can be stored any more. */
  onFailure(error: Error): void;
}

/** An embedded server. */
interface Server {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts what the environment does not point elsewhere, and creates what is missing. Each embedded server has a thread
 * of its own: its disk writes are synchronous and must never hold up the gateway, whose answers have a deadline.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, region, env } = options;
  const given = {
    s3: env.AWS_ENDPOINT_URL_S3,
    sqs: env.AWS_ENDPOINT_URL_SQS,
    dynamodb: env.AWS_ENDPOINT_URL_DYNAMODB,
  };
  const servers: Server[] = [];
  const serve = async (server: CloudThreadData['server'], directory: string) => {
    const started = await startServer(options, {
      server,
      path: dataDir.directory(directory),
      region,
      port: 0,
    });
    servers.push(started);
    return started.url;
  };
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    const needsFauxqs = given.s3 === undefined || given.sqs === undefined;
    const [fauxqs = '', dynalite = ''] = await Promise.all([
      needsFauxqs ? serve('fauxqs', 'objects-and-queues') : undefined,
      given.dynamodb === undefined ? serve('dynalite', 'tables') : undefined,
    ]);
    const endpoints = {
      s3: given.s3 ?? fauxqs,
      sqs: given.sqs ?? fauxqs,
      dynamodb: given.dynamodb ?? dynalite,
    };
    const environment = sdkEnvironment(endpoints, region, env);
    const queueUrls = await createResources({ endpoints, environment, resources: options.resources });
    if (given.sqs === undefined) await handBackReceived(queueUrls.values(), endpoints.sqs, environment);
    return {
      endpoints,
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
 * Embedded servers check no credentials, but the SDK wants some, and would prefer a profile to them. For other servers
 * the caller's own settings are kept.
 */
function sdkEnvironment(
  endpoints: Endpoints,
  region: string,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const chosen = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_DYNAMODB'].some(
    (key) => key in env,
  );
  const own = Object.entries(chosen ? env : {}).filter(
    (entry): entry is [string, string] => /^AWS_(?!LAMBDA_)/.test(entry[0]) && entry[1] !== undefined,
  );
  const hasCredentials = own.some(([key]) => key === 'AWS_ACCESS_KEY_ID' || key === 'AWS_PROFILE');
  return {
    AWS_REGION: region,
    ...(!hasCredentials && { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }),
    ...Object.fromEntries(own),
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  };
}

/** Starts on the port of last time, or on a free one where that is taken. */
async function startServer({ dataDir, onFailure }: CloudOptions, data: CloudThreadData): Promise<Server> {
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
      // Errors of connections that end with the server are of no interest any more.
      worker.on('error', () => {});
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage('stop');
      await exited;
    },
  };
}

/** Of each embedded server. */
const youngGenerationMb = 12;

function startThread(data: CloudThreadData): Promise<{ worker: Worker; port: number }> {
  return new Promise((resolve, reject) => {
    // Its own options, not this process's: those may be a test runner's.
    const worker = new Worker(new URL('./cloud-thread.ts', import.meta.url), {
      workerData: data,
      execArgv: [],
      // Bodies pass through and are garbage at once: a small young generation keeps them from piling up.
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    worker.once('error', reject);
    worker.once('message', ({ port }: CloudThreadReady) => {
      worker.off('error', reject);
      resolve({ worker, port });
    });
  });
}
