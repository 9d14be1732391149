// npm run package-sizes: packs every function for both processors and writes the sizes into docs/operations.md.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFunctions, root } from '../deploy/functions.ts';
import { packageFunction } from '../deploy/package.ts';
import { openScratch } from '../deploy/scratch.ts';
import { inMegabytes, largest, theOthers, withPictures, withSizes } from '../deploy/sizes.ts';

using scratch = openScratch();
const functions = readFunctions();
const pack = (architecture: 'arm64' | 'x86_64', makesPictures: boolean) =>
  Promise.all(
    functions
      .filter((fn) => fn.makesPictures === makesPictures)
      .map((fn) => packageFunction(fn, architecture, join(scratch.path, architecture))),
  );
const sizes = [
  largest(withPictures('arm64'), await pack('arm64', true)),
  largest(withPictures('x86_64'), await pack('x86_64', true)),
  largest(theOthers, await pack('arm64', false)),
];
for (const { kind, zippedBytes, unzippedBytes } of sizes) {
  console.log(`${kind}: ${inMegabytes(zippedBytes)} zipped, ${inMegabytes(unzippedBytes)} unzipped`);
}
const file = join(root, 'docs/operations.md');
await writeFile(file, withSizes(await readFile(file, 'utf8'), sizes));
