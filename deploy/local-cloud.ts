// The embedded cloud of `osls invoke local`, in its own process, so that the function's environment does not affect
// it.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpillwayError } from '../src/core/engine/errors.ts';
import { type Service, startService } from '../src/local/service.ts';
import { root } from './functions.ts';

/** Sent to the parent when everything is up. */
export interface LocalCloudReady {
  /** Points an AWS SDK at this cloud. */
  cloud: Record<string, string>;
  /** The function's variables, with this cloud's names and addresses. */
  own: Record<string, string>;
}

/** `SPILLWAY_DATA_DIR` chooses another directory. */
const usualDataDir = process.env.SPILLWAY_DATA_DIR ?? join(root, '.spillway');

/** Uses the data of `npm start`, so that its jobs can be inspected; while that runs, a temporary directory. */
async function start(): Promise<{ service: Service; stop: () => Promise<void> }> {
  const options = { port: 0, samples: true, standIns: { onUse: (notice: string) => console.error(notice) } };
  try {
    const service = await startService({ ...options, dataDir: usualDataDir });
    return { service, stop: service.stop };
  } catch (error) {
    if (!(error instanceof SpillwayError) || error.code !== 'DATA_DIR_IN_USE') throw error;
    console.error(
      `${usualDataDir} is in use: this invocation gets an empty data directory, for this time only.`,
    );
    const dataDir = await mkdtemp(join(tmpdir(), 'spillway-invoke-'));
    const service = await startService({ ...options, dataDir });
    const stop = async () => {
      await service.stop();
      await rm(dataDir, { recursive: true, force: true });
    };
    return { service, stop };
  }
}

function variablesOf(functionName: string, { config, queueUrl, standIns }: Service): Record<string, string> {
  const variables = Object.entries(config.functions.get(functionName)?.environment ?? {});
  const own = variables.map(([name, value]) => [
    name,
    typeof value === 'string' ? value : queueUrl(value.queueUrlOf),
  ]);
  return { ...Object.fromEntries(own), ...standIns?.environment };
}

// A terminal's Ctrl+C reaches this process too, but it ends only after its parent.
process.on('SIGINT', () => {});
const orphaned = once(process, 'disconnect');
const { service, stop } = await start();
const own = variablesOf(process.argv[2] ?? '', service);
if (process.connected) process.send?.({ cloud: service.environment, own } satisfies LocalCloudReady);
await orphaned;
await stop();
process.exit();
