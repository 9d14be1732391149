// npm run build: bundles every function of serverless.yml into .build/functions.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFunction } from '../deploy/build.ts';
import { buildDirectory, readFunctions } from '../deploy/functions.ts';

const bundles = join(buildDirectory, 'functions');
await rm(bundles, { recursive: true, force: true });
await Promise.all(
  readFunctions().map(async (fn) => {
    const directory = join(bundles, fn.name);
    await buildFunction(fn, directory);
    const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.mjs'));
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(directory, file))).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`.build/functions/${fn.name}: ${Math.ceil(total / 1024)} KiB of code`);
  }),
);
