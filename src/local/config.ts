import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import {
  type ConfigValue,
  check,
  type Resource,
  readResources,
  resolveValue,
  targetOf,
} from './config-resources.ts';
import { ConfigTree, isRecord } from './config-variables.ts';

/** A route of the HTTP API. `method` is in upper case, or `ANY`; `path` may hold `{name}` and a last `{name+}`. */
export interface HttpRoute {
  functionName: string;
  method: string;
  path: string;
  /** Function that decides who may call. */
  authorizer?: Authorizer;
}

export interface Authorizer {
  functionName: string;
  /** Such as `$request.header.Authorization`. A request that lacks one is refused without asking the function. */
  identitySource: string[];
}

/** An SQS event source mapping. */
export interface QueueSource {
  functionName: string;
  /** Logical id of the queue. */
  queue: string;
  /** Messages per invocation. */
  batchSize: number;
  /** Seconds to wait for a batch to fill. */
  batchingWindow: number;
  /** Invocations at a time. */
  maximumConcurrency: number;
  reportsItemFailures: boolean;
}

export interface Schedule {
  functionName: string;
  everySeconds: number;
}

export interface FunctionConfig {
  name: string;
  /** Module and export, as `handlers/sweep.handler`. */
  handler: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** Sandboxes at most; undefined where the file does not say. */
  reservedConcurrency?: number;
  environment: Record<string, ConfigValue>;
  /** Somebody waits for its answers: it serves a route or authorizes one. */
  answersCallers: boolean;
}

export interface Config {
  /** Directory of serverless.yml: handlers are relative to it. */
  root: string;
  service: string;
  stage: string;
  region: string;
  functions: Map<string, FunctionConfig>;
  routes: HttpRoute[];
  queueSources: QueueSource[];
  schedules: Schedule[];
  resources: Map<string, Resource>;
  cors: boolean;
  /** Seconds that the gateway waits for a function. */
  apiTimeoutSeconds: number;
}

export interface ConfigOptions {
  /** Default: the repository's serverless.yml. */
  path?: string;
  /** For `${env:…}`. Default: none. */
  env?: NodeJS.ProcessEnv;
  /** For `${opt:…}`. */
  options?: Record<string, string>;
  /** Lowers the gateway's limit, and the timeouts of the functions that answer callers, to this many seconds. */
  apiTimeout?: number;
  /** Per function: other limits than the file's. */
  overrides?: Record<string, { timeout?: number; memorySize?: number }>;
}

/** Seconds that an HTTP API waits for an integration, fixed. Source: Amazon API Gateway quotas. */
export const gatewayLimitSeconds = 30;
/** The framework's defaults. Source: Serverless Framework, "AWS Lambda Functions". */
const defaults = { timeout: 6, memorySize: 1024, batchSize: 10, stage: 'dev', region: 'us-east-1' };
/** Limit of an event source mapping's scaling. Source: AWS Lambda developer guide, "Configuring maximum concurrency". */
const largestConcurrency = 1000;

const count = z.coerce.number().int().min(1);
const anything = z.unknown().optional();

const functionSchema = z.strictObject({
  handler: z.string().regex(/^[^.].*\.[\w$]+$/, 'is not of the form path/to/module.export'),
  timeout: count.max(900).default(defaults.timeout),
  memorySize: count.min(128).max(10_240).default(defaults.memorySize),
  reservedConcurrency: count.optional(),
  environment: z.record(z.string(), z.unknown()).default({}),
  events: z.array(z.record(z.string(), z.unknown())).default([]),
  // What follows is for deployments only.
  ...Object.fromEntries(
    [
      'name description role runtime architecture package layers tags tracing vpc ephemeralStorageSize condition',
      'dependsOn logRetentionInDays disableLogs logs maximumRetryAttempts maximumEventAge onError destinations',
      'kmsKeyArn snapStart provisionedConcurrency versionFunction build image',
    ]
      .flatMap((line) => line.split(' '))
      .map((key) => [key, anything]),
  ),
});

const routeSchema = z.strictObject({
  method: z.string().transform((method) => method.toUpperCase()),
  path: z.string().startsWith('/'),
  authorizer: z.union([z.string(), z.object({ name: z.string() })]).optional(),
});

const queueSourceSchema = z.strictObject({
  arn: z.unknown(),
  batchSize: count.max(10_000).default(defaults.batchSize),
  maximumBatchingWindow: z.coerce.number().int().min(0).max(300).default(0),
  maximumConcurrency: count.min(2).max(largestConcurrency).default(largestConcurrency),
  functionResponseType: z.literal('ReportBatchItemFailures').optional(),
  enabled: z.boolean().optional(),
});

const scheduleSchema = z.object({
  rate: z.union([z.string(), z.array(z.string()).length(1)]),
  enabled: z.boolean().optional(),
});

const authorizerSchema = z.strictObject({
  type: z.literal('request', { error: "only authorizers of type 'request' are served here" }),
  functionName: z.string(),
  payloadVersion: z.literal('2.0', { error: "only payloadVersion '2.0' is served here" }),
  enableSimpleResponses: z.literal(true, { error: 'only simple responses are served here' }),
  resultTtlInSeconds: z.literal(0, { error: 'results are not cached here: 0 only' }),
  identitySource: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((source) => (typeof source === 'string' ? [source] : source)),
  name: anything,
});

/** Reads serverless.yml. Throws {@link ConfigError}, which names the place, for whatever cannot be served on one machine. */
export function loadConfig(options: ConfigOptions = {}): Config {
  const path = options.path ?? resolve(import.meta.dirname, '../../serverless.yml');
  const tree = new ConfigTree(path, { env: options.env ?? {}, options: options.options ?? {} });
  const text = (at: string, fallback?: string) => check(z.string(), tree.read(at) ?? fallback, at);
  const service = text('service');
  const stage = text('provider.stage', defaults.stage);
  const region = text('provider.region', defaults.region);
  const resources = readResources(tree, { region, prefix: `${service}-${stage}` });
  const config: Config = {
    root: dirname(resolve(path)),
    service,
    stage,
    region,
    functions: new Map(),
    routes: [],
    queueSources: [],
    schedules: [],
    resources,
    cors: check(z.boolean(), tree.read('provider.httpApi.cors') ?? false, 'provider.httpApi.cors'),
    apiTimeoutSeconds: Math.min(gatewayLimitSeconds, options.apiTimeout ?? gatewayLimitSeconds),
  };
  const shared = readEnvironment(tree.read('provider.environment') ?? {}, resources, 'provider.environment');
  for (const name of tree.keys('functions')) readFunction(tree, name, { config, shared, options });
  for (const name of Object.keys(options.overrides ?? {})) functionOf(config, name, `overrides.${name}`);
  applyApiTimeout(config);
  return config;
}

/** Functions behind routes, and their authorizers, gain nothing from running longer than the gateway waits. */
function applyApiTimeout(config: Config): void {
  for (const route of config.routes) {
    for (const name of [route.functionName, route.authorizer?.functionName]) {
      if (name === undefined) continue;
      const fn = functionOf(config, name, 'provider.httpApi.authorizers');
      fn.answersCallers = true;
      fn.timeoutSeconds = Math.min(fn.timeoutSeconds, config.apiTimeoutSeconds);
    }
  }
}

function functionOf(config: Config, name: string, path: string): FunctionConfig {
  const found = config.functions.get(name);
  if (found === undefined) throw new ConfigError(path, `there is no function '${name}'`);
  return found;
}

interface Reading {
  config: Config;
  shared: Record<string, ConfigValue>;
  options: ConfigOptions;
}

function readFunction(tree: ConfigTree, name: string, { config, shared, options }: Reading): void {
  const path = `functions.${name}`;
  const served = ['handler', 'timeout', 'memorySize', 'reservedConcurrency', 'environment', 'events'];
  const source = tree
    .keys(path)
    .map((key) => [key, served.includes(key) ? tree.read(`${path}.${key}`) : null]);
  const parsed = check(functionSchema, Object.fromEntries(source), path);
  const limits = options.overrides?.[name];
  config.functions.set(name, {
    name,
    handler: parsed.handler,
    timeoutSeconds: limits?.timeout ?? parsed.timeout,
    memoryMb: limits?.memorySize ?? parsed.memorySize,
    ...(parsed.reservedConcurrency !== undefined && { reservedConcurrency: parsed.reservedConcurrency }),
    environment: {
      ...shared,
      ...readEnvironment(parsed.environment, config.resources, `${path}.environment`),
    },
    answersCallers: false,
  });
  parsed.events.forEach((event, index) => {
    readEvent(tree, event, { config, functionName: name, path: `${path}.events[${index}]` });
  });
}

function readEnvironment(source: unknown, resources: Map<string, Resource>, path: string) {
  const entries = Object.entries(check(z.record(z.string(), z.unknown()), source, path));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, resolveValue(value, resources, `${path}.${key}`)]),
  );
}

interface EventPlace {
  config: Config;
  functionName: string;
  path: string;
}

function readEvent(
  tree: ConfigTree,
  event: Record<string, unknown>,
  { config, functionName, path }: EventPlace,
) {
  const [kind = ''] = Object.keys(event);
  const at = `${path}.${kind}`;
  if (kind === 'httpApi') {
    config.routes.push({ functionName, ...readRoute(tree, event.httpApi, at) });
  } else if (kind === 'sqs') {
    const { arn, enabled, ...source } = check(queueSourceSchema, event.sqs, at);
    const queue = targetOf(arn, `${at}.arn`);
    if (config.resources.get(queue)?.kind !== 'queue')
      throw new ConfigError(`${at}.arn`, `there is no queue '${queue}'`);
    if (enabled === false) return;
    config.queueSources.push({
      functionName,
      queue,
      batchSize: source.batchSize,
      batchingWindow: source.maximumBatchingWindow,
      maximumConcurrency: source.maximumConcurrency,
      reportsItemFailures: source.functionResponseType !== undefined,
    });
  } else if (kind === 'schedule') {
    const everySeconds = readSchedule(event.schedule, at);
    if (everySeconds !== undefined) config.schedules.push({ functionName, everySeconds });
  } else {
    throw new ConfigError(path, `events of kind '${kind}' are not served here`);
  }
}

/** `{method, path, authorizer}`, or `METHOD /path`. */
function readRoute(tree: ConfigTree, event: unknown, path: string): Omit<HttpRoute, 'functionName'> {
  const [method, route] = typeof event === 'string' ? event.split(' ') : [];
  const { authorizer, ...parsed } = check(
    routeSchema,
    isRecord(event) ? event : { method, path: route },
    path,
  );
  if (authorizer === undefined) return parsed;
  const name = typeof authorizer === 'string' ? authorizer : authorizer.name;
  const place = `provider.httpApi.authorizers.${name}`;
  const definition = tree.read(place);
  if (definition === undefined)
    throw new ConfigError(`${path}.authorizer`, `there is no authorizer '${name}'`);
  const { functionName, identitySource } = check(authorizerSchema, definition, place);
  return { ...parsed, authorizer: { functionName, identitySource } };
}

/** `rate(5 minutes)`, or `{rate: …}`. Seconds between two runs, or undefined where it is switched off. */
function readSchedule(event: unknown, path: string): number | undefined {
  const { rate, enabled } = check(scheduleSchema, isRecord(event) ? event : { rate: event }, path);
  const expression = typeof rate === 'string' ? rate : (rate[0] ?? '');
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const seconds = { minute: 60, hour: 3600, day: 86_400 }[unit ?? ''];
  if (seconds === undefined || Number(amount) < 1) {
    throw new ConfigError(path, `only rate(N minutes), hours or days are served here, not '${expression}'`);
  }
  return enabled === false ? undefined : Number(amount) * seconds;
}
