import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, openClient } from '../client/client.ts';
import type { JobView } from '../client/contract.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { UsageError } from './usage-error.ts';

/** A service to talk to: one that already runs, or one embedded in the command. */
export interface Connection {
  client: Client;
  /** Identifies the service and the caller: jobs known here are unknown elsewhere. */
  identity: string;
  /** Whether the service ends with the command. */
  embedded: boolean;
  /**
   * Lets the service read a file of this machine as the upload with that key. Missing if the store is not on
   * this machine: then files must be uploaded.
   */
  linkFile?(key: string, path: string): Promise<void>;
  /** Jobs in the data directory that an interrupted command has left, when the command began. */
  held: readonly JobView[];
  /** Unfinished jobs of a service that has ended: the embedded one works on them. */
  goingOn: readonly JobView[];
  /** Stops the work on a job, whatever has become of the command's own signal. */
  hold(jobId: string): Promise<void>;
  close(): Promise<void>;
}

/** The key of the embedded service, which listens only on this machine and only while the command runs. */
const embeddedKey = 'local';
/** The most workers on this machine; each is a process. */
const mostProcesses = 256;
/** Seconds between searches for lost work. Short, because a user who restarts the command does not want to wait. */
const sweepEvery = 5;
/** Seconds that running slices get at a stop. The next run continues from their last checkpoint. */
const stopGrace = 2;

/** Milliseconds for workers to be told to stop. Without an answer they end with the command anyway. */
const holdLimitMs = 3_000;

/**
 * Throws a {@link UsageError} for options that conflict, and any error that keeps the embedded service from
 * starting.
 */
export async function connect(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
  const endpoint = options.endpoint ?? (process.env.SPILLWAY_ENDPOINT || undefined);
  return endpoint === undefined ? startEmbedded(options, signal) : speakTo(endpoint, options, signal);
}

function speakTo(endpoint: string, { apiKey }: ConnectionOptions, signal: AbortSignal): Connection {
  const key = apiKey ?? (process.env.SPILLWAY_API_KEY || undefined);
  checkedEndpoint(endpoint);
  if (key === undefined)
    throw new UsageError('An endpoint needs a key: --api-key, or SPILLWAY_API_KEY in the environment.');
  return {
    client: openClient({ endpoint, key, signal }),
    identity: `${endpoint} ${key}`,
    embedded: false,
    held: [],
    goingOn: [],
    hold: async () => {},
    close: async () => {},
  };
}

/** Throws a {@link UsageError} if this is not the address of a service. */
export function checkedEndpoint(endpoint: string): string {
  if (/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return endpoint;
  throw new UsageError(`The endpoint must be an http:// or https:// URL, but is '${endpoint}'.`);
}

async function startEmbedded(
  { dataDir, maxWorkers, verbose, apiKey, works }: ConnectionOptions,
  signal: AbortSignal,
): Promise<Connection> {
  if (apiKey !== undefined) throw new UsageError('--api-key goes with --endpoint.');
  if (maxWorkers !== undefined && maxWorkers > mostProcesses)
    throw new UsageError(`--max-workers goes up to ${mostProcesses} on this machine.`);
  // Loaded late, so that help and usage errors appear at once.
  const [{ startService }, { linkFile }] = await Promise.all([
    import('../local/service.ts'),
    import('../local/local-files.ts'),
  ]);
  const unfinished = await whenFree(signal, () => unfinishedIn(dataDir));
  const service = await whenFree(signal, () =>
    startService({
      port: 0,
      dataDir,
      workers: maxWorkers ?? availableParallelism(),
      verbose: verbose ?? false,
      env: { ...functionSettings(), SPILLWAY_WARM_UP: 'false' },
      // A job that this command starts is its own: held when it ends.
      session: randomUUID(),
      standIns: { onUse: (notice) => process.stderr.write(`${notice}\n`) },
      sweepEvery,
      stopGrace,
      ...(works && { prewarm: 'workers' }),
    }),
  );
  const { files } = service;
  return {
    client: openClient({ endpoint: service.url, key: embeddedKey, signal }),
    identity: 'embedded',
    embedded: true,
    ...(files !== undefined && { linkFile: (key: string, path: string) => linkFile(files, key, path) }),
    held: unfinished.filter(({ held }) => held),
    goingOn: unfinished.filter(({ held, status }) => !held && status === 'running'),
    async hold(jobId) {
      const signal = AbortSignal.timeout(holdLimitMs);
      await openClient({ endpoint: service.url, key: embeddedKey, signal }).holdJob(jobId);
    },
    close: () => service.stop(),
  };
}

async function unfinishedIn(dataDir: string): Promise<JobView[]> {
  const { withStoredJobs } = await import('../local/stored-jobs.ts');
  const found = await withStoredJobs(dataDir, (jobs) => jobs.unfinished());
  return (found ?? []).map(({ view }) => view);
}

/** Waits a little for another command that is just ending; if it does not end, passes on `DATA_DIR_IN_USE`. */
async function whenFree<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const taken = error instanceof SpillwayError && error.code === 'DATA_DIR_IN_USE';
      if (!taken || attempt === 5) throw error;
    }
    await pause(500, undefined, { signal });
  }
}

/** The environment's settings for functions, without this command's own settings and without keys. */
function functionSettings(): Record<string, string> {
  const own = [
    'SPILLWAY_API_KEYS',
    'SPILLWAY_API_KEY',
    'SPILLWAY_ENDPOINT',
    'SPILLWAY_CALLED_IN',
    'SPILLWAY_WRAPPER',
  ];
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith('SPILLWAY_') && !own.includes(entry[0]) && entry[1] !== undefined,
    ),
  );
}
