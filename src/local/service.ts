import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { awsClients } from '../aws/clients.ts';
import { sleep, systemClock } from '../core/engine/clock.ts';
import { readSettings, type ServiceSettings } from '../settings.ts';
import { defaultApiKeys, defaultKey, hashApiKeys } from './api-keys.ts';
import { type Cloud, type Endpoints, startCloud } from './cloud.ts';
import { type ConfigOptions, gatewayLimitSeconds, loadConfig } from './config.ts';
import type { Config } from './config-model.ts';
import { openDataDir } from './data-dir.ts';
import { startEventSource } from './event-source.ts';
import { createGateway } from './gateway.ts';
import type { InvocationNote } from './pool.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { seedSamples } from './samples.ts';
import { startSchedule } from './schedule.ts';
import { Slots } from './slots.ts';
import { openStandIns, type StandInOptions, type StandIns } from './stand-ins.ts';

export interface ServiceOptions {
  /** Default: the repository's serverless.yml. */
  configPath?: string;
  /**
   * Part of the names of tables and queues, so that several services can share one set of servers. Default:
   * as in serverless.yml.
   */
  stage?: string;
  /** The directory for everything that is stored; created if necessary. */
  dataDir: string;
  /** 0 lets the operating system choose. */
  port: number;
  /** Default: this machine only. */
  host?: string;
  /** Concurrent queue-driven invocations. Default: one per CPU. */
  workers?: number;
  /** The longest that a caller waits, in seconds. Default: 30, as with an HTTP API. */
  apiTimeout?: number;
  /** Seconds between scheduled runs. Default: as in serverless.yml. */
  sweepEvery?: number;
  /** `tenant:key,…`. Default: the key `local` of the tenant `local`. */
  apiKeys?: string;
  /** Copies the functions' output to the terminal. */
  verbose?: boolean;
  /** Added to the environment of every function. */
  env?: Record<string, string>;
  /**
   * The name of a command: jobs that are submitted here are its own, and held when it ends. Without effect on servers
   * elsewhere, where other services take part in them.
   */
  session?: string;
  /** Options of Node in every function's process: `['--import', 'file:///…']`. */
  nodeOptions?: readonly string[];
  overrides?: ConfigOptions['overrides'];
  /** Starts stand-ins, also for APIs whose keys the environment lacks. Default: those APIs cannot be called. */
  standIns?: StandInOptions;
  /** Puts the sample photos into the bucket. */
  samples?: boolean;
  /**
   * Starts functions before the first request: all that are likely to be needed, unless `SPILLWAY_WARM_UP` is false; or
   * only the workers of queues.
   */
  prewarm?: 'all' | 'workers';
  /** Seconds that running workers get to finish at a stop. Default: 10. */
  stopGrace?: number;
  onInvocation?: (note: InvocationNote) => void;
  /** Called when the storage breaks down. Default: an uncaught exception, which ends the process. */
  onFailure?: (error: Error) => void;
}

/** The whole service on one machine. */
export interface Service {
  url: string;
  config: Config;
  endpoints: Endpoints;
  /** Environment that points an AWS SDK at the service's cloud. */
  environment: Record<string, string>;
  /** URL of a queue, by its logical id in serverless.yml. */
  queueUrl(id: string): string;
  /** The stand-ins that it started, if any. */
  standIns?: Omit<StandIns, 'stop'>;
  /** Keys of the sample photos. */
  samples: string[];
  /** Settles when the functions to start in advance are ready. */
  warm: Promise<void>;
  /** Directory of the files beside the store; undefined if S3 is elsewhere, where others may use it too. */
  files?: string;
  /** Runs a function. Returns its result; rejects with FunctionError. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Process ids of live instances. From outside, only SIGKILL ends one. */
  pids(functionName?: string): number[];
  /** Takes no more requests and messages, lets answers and workers finish, and ends everything. */
  stop(): Promise<void>;
}

/**
 * Seconds of a slice's lease. Shorter than in the cloud: if this service is killed, all its workers end with
 * it, and after a restart nobody wants to wait.
 */
const localLeaseSeconds = 20;

/** Starts everything. Throws `DATA_DIR_IN_USE`, `CONFIG_INVALID`, `CONFIGURATION_INVALID`, `SERVERS_MISCONFIGURED`, `SERVER_UNUSABLE`, or the system's error for the port. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const env = { ...process.env, ...options.env };
  const { SPILLWAY_WARM_UP: warmsUp } = checkSettings(env);
  const apiKeys = hashApiKeys(options.apiKeys ?? defaultApiKeys);
  const config = loadConfig({
    ...(options.configPath !== undefined && { path: options.configPath }),
    ...(options.stage !== undefined && { options: { stage: options.stage } }),
    ...(options.apiTimeout !== undefined && { apiTimeout: options.apiTimeout }),
    ...(options.overrides !== undefined && { overrides: options.overrides }),
    ...(env.SPILLWAY_BUCKET && { bucketName: env.SPILLWAY_BUCKET }),
    env: { ...env, SPILLWAY_API_KEYS: apiKeys },
  });
  const dataDir = openDataDir(options.dataDir);
  // Ended in reverse order, after a failure here and at a stop.
  const started: (() => Promise<void> | void)[] = [() => dataDir.release()];
  const end = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const onFailure =
      options.onFailure ??
      ((error) => {
        throw error;
      });
    const cloud = await startCloud({
      dataDir,
      region: config.region,
      resources: config.resources,
      env,
      onFailure,
    });
    started.push(() => cloud.stop());
    const standIns = options.standIns && (await openStandIns(env, options.standIns));
    if (standIns) started.push(standIns.stop);
    const workers = options.workers ?? availableParallelism();
    const files = cloud.servers.s3.given === undefined ? dataDir.directory('files') : undefined;
    const isShared = Object.values(cloud.servers).some(({ given }) => given !== undefined);
    const session = isShared ? undefined : options.session;
    const runtime = startRuntime({
      config,
      cloud,
      dataDir,
      env: {
        ...functionEnvironment(options, files),
        ...standIns?.environment,
        ...(session !== undefined && { SPILLWAY_SESSION: session }),
      },
      systemEnv: env,
      workers,
      nodeOptions: options.nodeOptions ?? [],
      verbose: options.verbose ?? false,
      ...(options.onInvocation !== undefined && { onInvocation: options.onInvocation }),
    });
    started.push(() => runtime.stop());
    const samples = options.samples === true ? await seed(config, cloud) : [];
    const gateway = createGateway({ config, invoke: runtime.invoke, ...(files !== undefined && { files }) });
    const host = options.host ?? '127.0.0.1';
    const port = await gateway.listen(options.port, host);
    const background = startBackground({ config, cloud, runtime, workers, sweepEvery: options.sweepEvery });
    const graceMs = (options.stopGrace ?? 10) * 1000;
    started.push(async () => {
      // Answers have their own limit. Background work can be picked up again, so it gets less time.
      await Promise.all([
        gateway.close(),
        finishOrKill(background, runtime, backgroundFunctions(config), graceMs),
      ]);
    });
    let stopping: Promise<void> | undefined;
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const open = (options.apiKeys ?? defaultApiKeys) === defaultApiKeys;
    dataDir.announce({ url, ...(open && { key: defaultKey }) });
    return {
      url,
      config,
      endpoints: cloud.endpoints,
      environment: cloud.environment,
      queueUrl: cloud.queueUrl,
      samples,
      ...(standIns && { standIns }),
      ...(files !== undefined && { files }),
      warm: runtime.prewarm(
        options.prewarm === 'all' && !warmsUp ? [] : functionsToPrewarm(config, options.prewarm),
      ),
      invoke: (name, event) => runtime.invoke(name, event),
      pids: runtime.pids,
      stop: () => {
        stopping ??= end();
        return stopping;
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Reports a wrong setting once, here, instead of in each function on first use. */
function checkSettings(env: NodeJS.ProcessEnv): ServiceSettings {
  const url = 'http://127.0.0.1';
  const resources = { SPILLWAY_LEDGER_TABLE: '-', SPILLWAY_BUCKET: '-', SPILLWAY_SLICE_QUEUE_URL: url };
  return readSettings({ ...env, ...resources });
}

function functionEnvironment({ apiTimeout, env }: ServiceOptions, files?: string): Record<string, string> {
  return {
    ...(files !== undefined && { SPILLWAY_FILES_DIR: files }),
    SPILLWAY_LEASE_SECONDS: process.env.SPILLWAY_LEASE_SECONDS ?? String(localLeaseSeconds),
    // Without a lower limit, the functions' assumption about an HTTP API also holds here: a second less than
    // it waits.
    ...(apiTimeout !== undefined && {
      SPILLWAY_API_LIMIT_SECONDS: String(Math.min(apiTimeout, gatewayLimitSeconds - 1)),
    }),
    ...env,
  };
}

/** Not on AWS: a deployment's bucket belongs to its users. */
async function seed(config: Config, cloud: Cloud): Promise<string[]> {
  if (cloud.servers.s3.aws) return [];
  const bucket = [...config.resources.values()].find(({ kind }) => kind === 'bucket');
  if (bucket === undefined) return [];
  const { s3 } = awsClients(cloud.environment);
  try {
    return await seedSamples(s3, bucket.name, join(config.root, 'events/photos'));
  } finally {
    s3.destroy();
  }
}

interface BackgroundOptions {
  config: Config;
  cloud: Cloud;
  runtime: Runtime;
  workers: number;
  sweepEvery: number | undefined;
}

/**
 * Starts queues and schedules. Schedules do not count towards `workers`: they are short, and bring lost work
 * back to busy ones.
 */
function startBackground({
  config,
  cloud,
  runtime,
  workers,
  sweepEvery,
}: BackgroundOptions): () => Promise<void> {
  const { sqs } = awsClients(cloud.environment);
  const slots = new Slots(workers);
  const { region } = config;
  const { invoke } = runtime;
  const sources = config.queueSources.map((source) => {
    const queueArn = config.resources.get(source.queue)?.arn ?? '';
    const queueUrl = cloud.queueUrl(source.queue);
    return startEventSource({ source, queueUrl, queueArn, region, sqs, workers: slots, invoke });
  });
  const schedules = config.schedules.map(({ functionName, everySeconds }) => {
    return startSchedule({
      functionName,
      everySeconds: sweepEvery ?? everySeconds,
      region,
      clock: systemClock,
      invoke,
    });
  });
  return async () => {
    await Promise.all([...sources, ...schedules].map((running) => running.stop()));
    sqs.destroy();
  };
}

/** Lets running work finish for a while, then kills it: leases and visibility timeouts bring it back. */
async function finishOrKill(
  stop: () => Promise<void>,
  runtime: Runtime,
  functions: string[],
  graceMs: number,
) {
  const finished = stop();
  const grace = new AbortController();
  await Promise.race([finished, sleep(systemClock, graceMs, grace.signal).catch(() => {})]);
  grace.abort();
  await runtime.stop(functions);
  await finished;
}

function backgroundFunctions(config: Config): string[] {
  return [...config.functions.values()].filter((fn) => !fn.answersCallers).map((fn) => fn.name);
}

/**
 * Authorizers first, because every request needs them; then functions that answer callers; then the workers
 * of queues with regular work. Streaming functions start on demand, because few callers use them.
 */
function functionsToPrewarm(
  { routes, queueSources, resources }: Config,
  wanted: ServiceOptions['prewarm'],
): string[] {
  if (wanted === undefined) return [];
  const deadLetterQueues = new Set(
    [...resources.values()].map((resource) =>
      resource.kind === 'queue' ? resource.redrive?.target : undefined,
    ),
  );
  const workers = queueSources
    .filter(({ queue }) => !deadLetterQueues.has(queue))
    .map(({ functionName }) => functionName);
  if (wanted === 'workers') return workers;
  return [
    ...new Set([
      ...routes.flatMap(({ authorizer }) => authorizer?.functionName ?? []),
      ...routes.filter(({ streamed }) => !streamed).map(({ functionName }) => functionName),
      ...workers,
    ]),
  ];
}
