import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, openClient } from '../client/client.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import type { Service } from '../local/service.ts';
import { UsageError } from './errors.ts';

/** A service to speak to: one that runs somewhere, or one that lives as long as the command. */
export interface Connection {
  client: Client;
  /** Stands for the service and who calls: jobs known here are not known elsewhere. */
  identity: string;
  /** Ends with the command. */
  embedded: boolean;
  /** Lets the service read a file of this machine as the upload with that key; where it is missing, as with any store that is not on this machine, there are only uploads. */
  linkFile?(key: string, path: string): Promise<void>;
  close(): Promise<void>;
}

/** What all commands take that speak to a service. */
export interface ConnectionOptions {
  endpoint?: string;
  apiKey?: string;
  dataDir: string;
  maxWorkers?: number;
  verbose?: boolean;
  /** The command waits for work to be done: an embedded service gets its workers ready. */
  works?: boolean;
}

/** Who calls the embedded service. It listens on this machine only, and only for as long as the command runs. */
const embeddedKey = 'local';
export const embeddedTenant = 'local';
/** Workers on this machine: each is a process. */
const mostProcesses = 256;
/** Seconds between searches for lost work: whoever starts the command again does not want to wait. */
const sweepEvery = 5;
/** Seconds that running slices get at a stop: the next run goes on from their last checkpoint. */
const stopGrace = 2;

/** Throws a {@link UsageError} for options that do not go together, and whatever keeps the embedded service from starting. */
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
    close: async () => {},
  };
}

/** Throws a {@link UsageError} for what is no address of a service. */
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
  // Not before it is needed: help and wrong usage must come at once.
  const [{ startService }, { linkFile }] = await Promise.all([
    import('../local/service.ts'),
    import('../local/local-files.ts'),
  ]);
  const service = await whenFree(signal, () =>
    startService({
      port: 0,
      dataDir,
      workers: maxWorkers ?? availableParallelism(),
      verbose: verbose ?? false,
      env: { ...functionSettings(), SPILLWAY_WARM_UP: 'false' },
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
    close: () => service.stop(),
  };
}

/** Waits a little for a command that is just ending; `DATA_DIR_IN_USE` comes through where it is not. */
async function whenFree(signal: AbortSignal, start: () => Promise<Service>): Promise<Service> {
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

/** Settings of the functions that the environment gives; not this command's own, and no keys. */
function functionSettings(): Record<string, string> {
  const own = ['SPILLWAY_API_KEYS', 'SPILLWAY_API_KEY', 'SPILLWAY_ENDPOINT', 'SPILLWAY_CALLED_IN'];
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith('SPILLWAY_') && !own.includes(entry[0]) && entry[1] !== undefined,
    ),
  );
}
