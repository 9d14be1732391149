import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Archive, writeArchive } from './archive.ts';
import { buildFunction } from './build.ts';
import type { LambdaFunction } from './functions.ts';
import { type Architecture, nativeFiles, type PackedFile } from './natives.ts';
import { openScratch } from './scratch.ts';

/** Builds a function and writes exactly the files that Lambda needs to `<directory>/<name>.zip`. */
export async function packageFunction(
  fn: LambdaFunction,
  architecture: Architecture,
  directory: string,
): Promise<Archive> {
  using bundle = openScratch();
  await buildFunction(fn, bundle.path);
  const files = await filesWithin(bundle.path);
  if (fn.makesPictures) files.push(...(await nativeFiles(architecture)));
  return await writeArchive(join(directory, `${fn.name}.zip`), files);
}

async function filesWithin(directory: string): Promise<PackedFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((source) => ({ path: source.slice(directory.length + 1).replaceAll('\\', '/'), source }));
}
