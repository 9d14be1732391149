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
  /** Added to the functions' environment; overrides serverless.yml. */
  env: Record<string, string>;
  /** This process's environment. Functions get the part that any process needs. */
  systemEnv: NodeJS.ProcessEnv;
  /** Maximum instances of a function that processes queues. */
  workers: number;
  nodeOptions: readonly string[];
  /** Copies the functions' output to the terminal. */
  verbose: boolean;
  onInvocation?: (note: InvocationNote) => void;
}

/** The functions of serverless.yml, each in its own processes. */
export interface Runtime {
  /** Runs a function. Returns its result; rejects with FunctionError, or `UNKNOWN_FUNCTION`. */
  invoke(functionName: string, event: unknown, options?: InvokeOptions): Promise<unknown>;
  /** Process ids of live instances. From outside, only SIGKILL ends one. */
  pids(functionName?: string): number[];
  /**
   * Starts instances before the first request, a few functions at a time: one of each function that answers
   * callers, and of the others as many as may run concurrently, up to the number of cores.
   */
  prewarm(functionNames: readonly string[]): Promise<void>;
  /** Ends every instance, or those of the given functions, at once, and starts no more. */
  stop(functionNames?: readonly string[]): Promise<void>;
}

/**
 * Maximum instances of a function that answers callers. Lambda would start up to 1,000; one machine is
 * limited by its memory, so functions that need much get fewer. Further callers wait for a free one.
 */
const callerLimit = { small: 32, large: 8 };
/** From this many MB, a function counts as large. */
const largeMemoryMb = 1024;

const compileCache = fileURLToPath(new URL('../../node_modules/.cache/spillway', import.meta.url));

/** Variables that a function inherits from this process: those that any process needs, and Spillway's own settings. */
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
          // Reported here as well as in the log: the first request would fail in the same way.
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

/**
 * MB. Lambda gives a twentieth of the memory: 150 MB of 3,008, and twice as much again. Here other processes
 * need some.
 */
const largestSemiSpace = 64;

/**
 * Node options, as Lambda's Node.js runtime sets them. Source: `/var/runtime/bootstrap` of AWS' base image
 * for Node.js.
 */
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
    // The compile cache outlives data directories, so a fresh one does not slow the start.
    NODE_COMPILE_CACHE: compileCache,
    ...Object.fromEntries(own),
    ...env,
  };
}
