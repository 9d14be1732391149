import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import type { Cloud } from './cloud.ts';
import type { Config, FunctionConfig } from './config-model.ts';
import type { DataDir } from './data-dir.ts';
import { type FunctionLog, openFunctionLog } from './function-log.ts';
import { startInstance } from './instance.ts';
import { type InvocationNote, type InvokeOptions, Pool } from './pool.ts';

export interface RuntimeOptions {
  config: Config;
  cloud: Cloud;
  dataDir: DataDir;
  /** For the functions' own environment, over what serverless.yml says. */
  env: Record<string, string>;
  /** The environment of this process, of which functions get what any process needs. */
  systemEnv: NodeJS.ProcessEnv;
  /** Instances of a function that works off queues, at most. */
  workers: number;
  nodeOptions: readonly string[];
  /** Copies the functions' output to the terminal. */
  verbose: boolean;
  onInvocation?: (note: InvocationNote) => void;
}

/** The functions of serverless.yml, each in processes of its own. */
export interface Runtime {
  /** Runs a function. Returns its result; rejects with FunctionError, or `UNKNOWN_FUNCTION`. */
  invoke(functionName: string, event: unknown, options?: InvokeOptions): Promise<unknown>;
  /** Process ids of live instances. Only SIGKILL ends one from outside. */
  pids(functionName?: string): number[];
  /**
   * Starts instances ahead of the first request, a few functions at a time: one of each that answers callers, and of
   * the others as many as may work at a time, up to the number of cores.
   */
  prewarm(functionNames: readonly string[]): Promise<void>;
  /** Ends every instance, or those of some functions, at once, and starts no more. */
  stop(functionNames?: readonly string[]): Promise<void>;
}

/**
 * Instances of a function that answers callers. Lambda would start up to 1,000; what bounds one machine is memory, so
 * functions that ask for much get fewer. More callers than that wait for one to become free.
 */
const callerLimit = { small: 32, large: 8 };
/** From this many MB on, a function counts as large. */
const largeMemoryMb = 1024;

const compileCache = fileURLToPath(new URL('../../node_modules/.cache/spillway', import.meta.url));

/** What a function gets from this process's environment: what any process needs, and Spillway's own settings. */
const inherited =
  /^(PATH|HOME|TMPDIR|TEMP|TMP|LANG|SYSTEMROOT|USERPROFILE|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|SPILLWAY_(?!API_KEYS).*|(HTTPS?|NO)_PROXY)$/i;

export function startRuntime(options: RuntimeOptions): Runtime {
  const logs: FunctionLog[] = [];
  const pools = new Map<string, Pool>();
  for (const fn of options.config.functions.values()) {
    const log = openFunctionLog(options.dataDir.logs, fn.name, options.verbose);
    logs.push(log);
    pools.set(fn.name, startPool(fn, log, options));
  }
  const poolOf = (name: string) => {
    const pool = pools.get(name);
    if (pool === undefined) throw new Error(`There is no function '${name}'`);
    return pool;
  };
  return {
    invoke: async (name, event, invokeOptions) => poolOf(name).invoke(event, invokeOptions),
    pids: (name) =>
      (name === undefined ? [...pools.values()] : [poolOf(name)]).flatMap((pool) => pool.pids()),
    prewarm: async (names) => {
      const limit = pLimit(availableParallelism());
      const most = Math.min(options.workers, availableParallelism());
      await limit.map(names, (name) =>
        poolOf(name)
          .prewarm(options.config.functions.get(name)?.answersCallers ? 1 : most)
          // It is said here as well as in the log: the first request would fail in the same way.
          .catch((error: Error) => console.error(error.message)),
      );
    },
    stop: async (names) => {
      await Promise.all((names?.map(poolOf) ?? [...pools.values()]).map((pool) => pool.stop()));
      if (names === undefined) await Promise.all(logs.map((log) => log.close()));
    },
  };
}

function startPool(fn: FunctionConfig, log: FunctionLog, options: RuntimeOptions): Pool {
  const environment = environmentOf(fn, options);
  const large = fn.memoryMb >= largeMemoryMb;
  const usual = fn.answersCallers ? callerLimit[large ? 'large' : 'small'] : options.workers;
  return new Pool({
    functionName: fn.name,
    limit: Math.min(usual, fn.reservedConcurrency ?? usual),
    start: () =>
      startInstance({
        functionName: fn.name,
        timeoutSeconds: fn.timeoutSeconds,
        answersCallers: fn.answersCallers,
        environment,
        nodeOptions: [...heapOptions(fn.memoryMb), ...options.nodeOptions],
        onOutput: (chunk) => log.write(chunk),
      }),
    onInvocation: (note) => {
      if (note.ended !== undefined) {
        const { durationMs, errorType = '-' } = note.ended;
        log.write(
          `REPORT RequestId: ${note.requestId} Pid: ${note.pid} Duration: ${durationMs} ms Error: ${errorType}\n`,
        );
      }
      options.onInvocation?.(note);
    },
  });
}

/** MB. Lambda gives a twentieth of the memory: 150 MB of 3,008, and as much again twice over. Here other processes want some. */
const largestSemiSpace = 64;

/** As the Node.js runtime of Lambda starts its process. Source: `/var/runtime/bootstrap` of AWS' base image for Node.js. */
function heapOptions(memoryMb: number): string[] {
  return [
    `--max-semi-space-size=${Math.min(largestSemiSpace, Math.ceil(memoryMb * 0.05))}`,
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
  ];
}

function environmentOf(fn: FunctionConfig, { config, cloud, systemEnv, env }: RuntimeOptions) {
  const system = Object.entries(systemEnv).filter(
    ([key, value]) => value !== undefined && inherited.test(key),
  );
  const own = Object.entries(fn.environment).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : cloud.queueUrl(value.queueUrlOf),
  ]);
  const name = `${config.service}-${config.stage}-${fn.name}`;
  return {
    ...Object.fromEntries(system),
    ...cloud.environment,
    TZ: 'UTC',
    LAMBDA_TASK_ROOT: fn.taskRoot,
    _HANDLER: fn.handler,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    POWERTOOLS_SERVICE_NAME: config.service,
    // Compiled code outlives data directories: a fresh one does not mean a slow start.
    NODE_COMPILE_CACHE: compileCache,
    ...Object.fromEntries(own),
    ...env,
  };
}
