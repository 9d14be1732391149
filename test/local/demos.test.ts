import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildFunction } from '../../deploy/build.ts';
import { readFunctions } from '../../deploy/functions.ts';
import { openScratch } from '../../deploy/scratch.ts';
import { openClient } from '../../src/client/client.ts';
import { analyzeProductsDemo } from '../../src/local/demo/analyze-products/scenario.ts';
import { startDemoService } from '../../src/local/demo/demo-service.ts';
import { enrichLeadsDemo } from '../../src/local/demo/enrich-leads/scenario.ts';
import { extractFilesDemo } from '../../src/local/demo/extract-files/scenario.ts';
import { InvocationLog } from '../../src/local/demo/invocations.ts';
import { recommendCardsDemo } from '../../src/local/demo/recommend-cards/scenario.ts';
import type { Service } from '../../src/local/service.ts';
import { temporaryDirectory } from './harness.ts';

const directory = temporaryDirectory(afterAll);
const said: string[] = [];
/** What is deployed, not its source: a bundle may lack what the source has. */
const built = openScratch();
const builtFunctions = readFunctions().filter(({ name }) => ['createJob', 'continueJob'].includes(name));
let service: Service;

/** What a demo must not use: accounts that cost money, a plan that is slow, and somebody's sandbox. */
const ofTheUser = {
  ...{ SERPER_API_KEY: 'real', GROQ_API_KEY: 'real', KEEPA_API_KEY: 'real' },
  ...{ LWA_CLIENT_ID: 'real', LWA_CLIENT_SECRET: 'real', LWA_REFRESH_TOKEN: 'real' },
  ...{ SERPER_QUERIES_PER_SECOND: '0.01', SPILLWAY_SANDBOX_URL: 'http://127.0.0.1:9' },
};

beforeAll(async () => {
  for (const [name, value] of Object.entries(ofTheUser)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await Promise.all(builtFunctions.map((fn) => buildFunction(fn, join(built.path, fn.name))));
  const overrides = Object.fromEntries(
    builtFunctions.map(({ name }) => [name, { taskRoot: join(built.path, name) }]),
  );
  service = await startDemoService(
    {
      dataDir: directory,
      overrides,
      ...{ workers: 1, stopGrace: 1 },
      env: { SPILLWAY_WARM_UP: 'false' },
      standIns: { ...recommendCardsDemo.standIns, timeScale: 0.02 },
    },
    (line) => said.push(line),
  );
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await service?.stop();
  built[Symbol.dispose]();
});

it.each([enrichLeadsDemo, analyzeProductsDemo, recommendCardsDemo, extractFilesDemo])(
  'the demo of $name has no problems',
  async ({ name, run }) => {
    const outputDir = join(directory, 'output', name);
    mkdirSync(outputDir, { recursive: true });
    const { signal } = new AbortController();
    const context = {
      client: openClient({ endpoint: service.url, key: 'local', signal }),
      ...{ invocations: new InvocationLog(), apiTimeout: 29, outputDir, signal, say: () => {} },
    };
    expect(await run(context)).toEqual([]);
  },
);

it('says that it does not use what the environment has', () => {
  expect(said).toEqual([expect.stringContaining('no account of yours')]);
});
