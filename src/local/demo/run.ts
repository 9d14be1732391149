import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openClient } from '../../client/client.ts';
import type { Demo } from './demo.ts';
import { startDemoService } from './demo-service.ts';
import { InvocationLog } from './invocations.ts';

export interface RunOptions {
  /** Default: the demo's own. Seconds. */
  apiTimeout?: number;
  /** Default: a temporary directory, removed at the end. */
  dataDir?: string;
}

/** Replaced by each run. */
const outputDir = resolve('demo-output');

/** Seconds that the gateway's answer may take beyond its limit. */
const answerGrace = 30;
/** Seconds that running work gets when the demo is stopped; nobody is waiting for it. */
const stopGrace = 1;

/** Runs a demo against its own service. Resolves to the demo's problems. */
export async function runDemo(demo: Demo, options: RunOptions, signal: AbortSignal): Promise<string[]> {
  const apiTimeout = options.apiTimeout ?? demo.apiTimeout;
  const invocations = new InvocationLog();
  const dataDir = options.dataDir ?? temporaryDirectory();
  console.log('Starting S3, SQS, DynamoDB, the gateway and the functions on this machine …');
  const service = await startDemoService(
    {
      dataDir,
      apiTimeout,
      samples: true,
      ...(demo.standIns && { standIns: demo.standIns }),
      prewarm: 'all',
      stopGrace,
      onInvocation: invocations.note,
    },
    console.log,
  );
  try {
    signal.throwIfAborted();
    await Promise.race([service.warm, once(signal, 'abort')]);
    signal.throwIfAborted();
    await rm(outputDir, { recursive: true, force: true });
    await mkdir(outputDir, { recursive: true });
    const answerLimitMs = 1000 * (apiTimeout + answerGrace);
    const client = openClient({ endpoint: service.url, key: 'local', signal, answerLimitMs });
    return await demo.run({ client, invocations, apiTimeout, outputDir, signal, say: console.log });
  } finally {
    await service.stop();
  }
}

/** Removed when the process ends, however it ends. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'spillway-demo-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}
