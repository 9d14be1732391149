import * as z from 'zod';
import { ConfigError } from './config-error.ts';
import type { Config, HttpRoute } from './config-model.ts';
import { check, targetOf } from './config-resources.ts';
import { type ConfigTree, isRecord } from './config-variables.ts';

/**
 * Limit of an event source mapping's scaling. Source: AWS Lambda developer guide, "Configuring maximum
 * concurrency".
 */
const largestConcurrency = 1000;

/** The default number of messages per invocation. Source: AWS Lambda API, CreateEventSourceMapping. */
const defaultBatchSize = 10;

const count = z.coerce.number().int().min(1);

const routeSchema = z.strictObject({
  method: z.string().transform((method) => method.toUpperCase()),
  path: z.string().startsWith('/'),
  authorizer: z.union([z.string(), z.object({ name: z.string() })]).optional(),
});

const queueSourceSchema = z.strictObject({
  arn: z.unknown(),
  batchSize: count.max(10_000).default(defaultBatchSize),
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
  type: z.literal('request', { error: "only authorizers of type 'request' are supported" }),
  functionName: z.string(),
  payloadVersion: z.literal('2.0', { error: "only payloadVersion '2.0' is supported" }),
  enableSimpleResponses: z.literal(true, { error: 'only simple responses are supported' }),
  resultTtlInSeconds: z.literal(0, { error: 'results are not cached here: 0 only' }),
  identitySource: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((source) => (typeof source === 'string' ? [source] : source)),
  name: z.unknown().optional(),
});

interface EventPlace {
  config: Config;
  functionName: string;
  path: string;
}

/** Adds a function's event to the config. */
export function readEvent(
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
    throw new ConfigError(path, `events of kind '${kind}' are not supported`);
  }
}

const streamsSchema = z
  .array(
    z.strictObject({
      functionName: z.string(),
      method: z.string(),
      path: z.string().startsWith('/'),
      accept: z.string().optional(),
    }),
  )
  .default([]);

/**
 * The routes of functions that have their own URLs on AWS, as listed in `custom.streams`: such a URL has no
 * routes.
 */
export function readStreams(tree: ConfigTree): HttpRoute[] {
  const streams = check(streamsSchema, tree.read('custom.streams'), 'custom.streams');
  return streams.map(({ accept, ...route }) => ({ ...route, streamed: true, ...(accept && { accept }) }));
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

/** `rate(5 minutes)`, or `{rate: …}`. Returns the seconds between two runs, or undefined if it is switched off. */
function readSchedule(event: unknown, path: string): number | undefined {
  const { rate, enabled } = check(scheduleSchema, isRecord(event) ? event : { rate: event }, path);
  const expression = typeof rate === 'string' ? rate : (rate[0] ?? '');
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const seconds = { minute: 60, hour: 3600, day: 86_400 }[unit ?? ''];
  if (seconds === undefined || Number(amount) < 1) {
    throw new ConfigError(path, `only rate(N minutes), hours or days are supported, not '${expression}'`);
  }
  return enabled === false ? undefined : Number(amount) * seconds;
}
