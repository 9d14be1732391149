import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { ConfigError } from './config-error.ts';
import { readEvent, readStreams } from './config-events.ts';
import type { Config, FunctionConfig } from './config-model.ts';
import { type ConfigValue, check, type Resource, readResources, resolveValue } from './config-resources.ts';
import { ConfigTree } from './config-variables.ts';

export interface ConfigOptions {
  /** Default: the repository's serverless.yml. */
  path?: string;
  /** For `${env:…}`. Default: none. */
  env?: NodeJS.ProcessEnv;
  /** The bucket's name, in place of the file's. */
  bucketName?: string;
  /** For `${opt:…}`. */
  options?: Record<string, string>;
  /** Lowers the gateway's limit, and the timeouts of the functions that answer callers, to this many seconds. */
  apiTimeout?: number;
  /** Per function: limits that replace the file's, and for a built handler its directory. */
  overrides?: Record<string, { timeout?: number; memorySize?: number; taskRoot?: string }>;
}

/** How long an HTTP API waits for an integration, in seconds; fixed. Source: Amazon API Gateway quotas. */
export const gatewayLimitSeconds = 30;
/** The framework's defaults. Source: Serverless Framework, "AWS Lambda Functions". */
const defaults = { timeout: 6, memorySize: 1024, stage: 'dev', region: 'us-east-1' };
const count = z.coerce.number().int().min(1);
const anything = z.unknown().optional();

const functionSchema = z.strictObject({
  handler: z.string().regex(/^[^.].*\.[\w$]+$/, 'is not of the form path/to/module.export'),
  timeout: count.max(900).default(defaults.timeout),
  memorySize: count.min(128).max(10_240).default(defaults.memorySize),
  reservedConcurrency: count.optional(),
  environment: z.record(z.string(), z.unknown()).default({}),
  events: z.array(z.record(z.string(), z.unknown())).default([]),
  // The remaining sections are for deployments only.
  ...Object.fromEntries(
    [
      'name description role runtime architecture package layers tags tracing vpc ephemeralStorageSize condition',
      'dependsOn logRetentionInDays disableLogs logs maximumRetryAttempts maximumEventAge onError destinations',
      'kmsKeyArn snapStart provisionedConcurrency versionFunction build image url',
    ]
      .flatMap((line) => line.split(' '))
      .map((key) => [key, anything]),
  ),
});

/**
 * Reads serverless.yml. Throws a {@link ConfigError} that names the place of anything that cannot be served
 * on one machine.
 */
export function loadConfig(options: ConfigOptions = {}): Config {
  const path = options.path ?? resolve(import.meta.dirname, '../../serverless.yml');
  const tree = new ConfigTree(path, { env: options.env ?? {}, options: options.options ?? {} });
  const text = (at: string, fallback?: string) => check(z.string(), tree.read(at) ?? fallback, at);
  const service = text('service');
  const stage = text('provider.stage', defaults.stage);
  const region = text('provider.region', defaults.region);
  const { bucketName } = options;
  const scope = { region, prefix: `${service}-${stage}`, ...(bucketName !== undefined && { bucketName }) };
  const resources = readResources(tree, scope);
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
    apiTimeoutSeconds: Math.min(
      gatewayLimitSeconds,
      check(z.number().positive(), options.apiTimeout ?? gatewayLimitSeconds, 'apiTimeout'),
    ),
  };
  const shared = readEnvironment(tree.read('provider.environment') ?? {}, resources, 'provider.environment');
  for (const name of tree.keys('functions')) readFunction(tree, name, { config, shared, options });
  config.routes.push(...readStreams(tree));
  for (const name of Object.keys(options.overrides ?? {})) functionOf(config, name, `overrides.${name}`);
  applyApiTimeout(config);
  return config;
}

/**
 * Functions behind routes, and their authorizers, gain nothing from running longer than the gateway waits.
 * Streaming functions do.
 */
function applyApiTimeout(config: Config): void {
  for (const route of config.routes) {
    for (const name of [route.functionName, route.authorizer?.functionName]) {
      if (name === undefined) continue;
      const fn = functionOf(config, name, 'provider.httpApi.authorizers');
      fn.answersCallers = true;
      if (!route.streamed) fn.timeoutSeconds = Math.min(fn.timeoutSeconds, config.apiTimeoutSeconds);
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
  const own = options.overrides?.[name];
  config.functions.set(name, {
    name,
    handler: parsed.handler,
    taskRoot: own?.taskRoot ?? config.root,
    timeoutSeconds: own?.timeout ?? parsed.timeout,
    memoryMb: own?.memorySize ?? parsed.memorySize,
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
