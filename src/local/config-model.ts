import type { ConfigValue, Resource } from './config-resources.ts';

/** A route of the HTTP API. `method` is in upper case, or `ANY`; `path` may hold `{name}` and a last `{name+}`. */
export interface HttpRoute {
  functionName: string;
  method: string;
  path: string;
  /** The function that decides who may call. */
  authorizer?: Authorizer;
  /** The function streams its answer. On AWS it has its own URL; here it is served with the other routes. */
  streamed?: true;
  /** Only for requests whose `Accept` names this type. */
  accept?: string;
}

export interface Authorizer {
  functionName: string;
  /** Such as `$request.header.Authorization`. A request without one is refused without calling the function. */
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
  /** Concurrent invocations. */
  maximumConcurrency: number;
  reportsItemFailures: boolean;
}

export interface Schedule {
  functionName: string;
  everySeconds: number;
}

export interface FunctionConfig {
  name: string;
  /** Module and export, such as `handlers/sweep.handler`. */
  handler: string;
  /** The directory that its handler is relative to. */
  taskRoot: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** Maximum instances; undefined if the file does not say. */
  reservedConcurrency?: number;
  environment: Record<string, ConfigValue>;
  /** Callers wait for its answers: it serves a route or authorizes one. */
  answersCallers: boolean;
}

export interface Config {
  /** Directory of serverless.yml, which handlers that are not built are relative to. */
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
