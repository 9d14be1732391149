import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { SpillwayError } from '../core/engine/errors.ts';
import { workloadsToLookAt } from '../workloads/describe.ts';
import { upstreamsOf } from '../workloads/variables.ts';
import { defaultApiKeys } from './api-keys.ts';
import { gatewayLimitSeconds } from './config.ts';
import { whenWrapperEnds } from './end-with-wrapper.ts';
import { type Service, startService } from './service.ts';

interface Options {
  port: number;
  dataDir: string;
  workers: number;
  apiTimeout?: number;
  sweepEvery?: number;
  allowLocalUrls: boolean;
  verbose: boolean;
}

/** A parser of whole numbers, or of any numbers, in a range. */
function between(min: number, max: number, { whole = true } = {}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value)))
      return value;
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`);
  };
}

function parseOptions(): Options {
  const keys = upstreamsOf(workloadsToLookAt()).flatMap(({ keys = [] }) => keys);
  const program = new Command('npm start --')
    .description(
      'Serves Spillway on this machine: the HTTP API, its functions, and the storage and queues behind them.',
    )
    .option('--port <number>', 'port of the HTTP API; 0 chooses a free one', between(0, 65_535), 3000)
    .option('--data-dir <path>', 'directory for objects, queues, tables and logs', '.spillway')
    .option('--workers <number>', 'slices that run at the same time', between(1, 256), availableParallelism())
    .option(
      '--api-timeout <seconds>',
      `time limit for an answer; a short one shows the overflow (default: ${gatewayLimitSeconds}, as on AWS)`,
      between(1, gatewayLimitSeconds),
    )
    .option(
      '--sweep-every <seconds>',
      'time between searches for lost work (default: as in serverless.yml)',
      between(0.1, 86_400, { whole: false }),
    )
    .option('--allow-local-urls', 'accept photos from http:// URLs and from this machine', false)
    .option('--verbose', 'print the logs of the functions', false)
    .addHelpText(
      'after',
      `
Environment:
  SPILLWAY_API_KEYS            who may call, as tenant:key,tenant2:key2 (default: ${defaultApiKeys}); a key may be given as its SHA-256
  SPILLWAY_*                   other settings of the functions, such as SPILLWAY_LEASE_SECONDS
  ${keys.join(', ')}
                               keys for APIs that workloads call; stand-ins on this machine answer for the others
  SPILLWAY_SANDBOX_TIME_SCALE  0.1: the stand-ins run ten times as fast
  AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL for all of them
                               servers to use instead of the embedded ones
  SPILLWAY_BUCKET              the bucket; on AWS, that of a deployment`,
    )
    // The shell's convention for usage errors.
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  return program.parse().opts<Options>();
}

/**
 * The settings for functions from the caller's environment. Keys are passed on only as hashes, and only to
 * the authorizer.
 */
function functionSettings({ allowLocalUrls }: Options): Record<string, string> {
  const given = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[0].startsWith('SPILLWAY_') && entry[0] !== 'SPILLWAY_API_KEYS' && entry[1] !== undefined,
  );
  return {
    ...(allowLocalUrls && { SPILLWAY_ALLOW_HTTP: 'true', SPILLWAY_ALLOW_ADDRESSES: '127.0.0.1/32,::1/128' }),
    ...Object.fromEntries(given),
  };
}

function start(options: Options): Promise<Service> {
  const { port, dataDir, workers, apiTimeout, sweepEvery, verbose } = options;
  return startService({
    port,
    dataDir,
    workers,
    ...(apiTimeout !== undefined && { apiTimeout }),
    ...(sweepEvery !== undefined && { sweepEvery }),
    verbose,
    apiKeys: process.env.SPILLWAY_API_KEYS || defaultApiKeys,
    env: functionSettings(options),
    samples: true,
    standIns: {},
    prewarm: 'all',
    onFailure: (error) => {
      console.error('The storage failed:', error);
      process.exit(1);
    },
  });
}

function banner({ url, samples, standIns }: Service, { dataDir }: Options): string {
  const own = process.env.SPILLWAY_API_KEYS || undefined;
  const photo = samples.find((key) => key.endsWith('/mug-1.jpg')) ?? samples[0];
  const lines = [
    `Spillway serves ${url}`,
    `  key   ${own === undefined ? 'local' : 'as in SPILLWAY_API_KEYS'}`,
    `  data  ${dataDir}`,
    `  logs  ${dataDir}/logs`,
    ...(standIns?.notice === undefined ? [] : [standIns.notice]),
  ];
  if (photo !== undefined) {
    const body = { productGroups: [{ images: [{ key: photo }], metadata: { title: 'Mug' } }] };
    lines.push(
      '',
      'Try:',
      `  curl ${url}/create-products -H 'authorization: Bearer ${own === undefined ? 'local' : '<key>'}' \\`,
      `    -H 'content-type: application/json' -d '${JSON.stringify(body)}'`,
    );
  }
  return [...lines, '', 'Ctrl+C stops it.'].join('\n');
}

function explain(error: unknown, { port }: Options): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Choose another with --port.`;
  if (code === 'EACCES')
    return `Port ${port} needs more permissions than you have. Choose another with --port.`;
  if (error instanceof SpillwayError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const options = parseOptions();
// A signal during start-up ends the process at once, which does no harm.
const service = await start(options).catch((error: unknown) => {
  console.error(explain(error, options));
  process.exit(1);
});

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  console.log('\nStopping: answers and running slices may finish. Press Ctrl+C again to stop at once.');
  service.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(explain(error, options));
      process.exit(1);
    },
  );
}
process.on('SIGINT', () => {
  // The second one ends everything: the workers end with this process, and unfinished work is picked up later.
  if (stopping) process.exit(130);
  stop();
});
// To a process group it comes twice, from the script above as well, and means the same.
process.on('SIGTERM', stop);
whenWrapperEnds(stop);
console.log(banner(service, options));
