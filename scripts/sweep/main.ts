/**
 * `npm run sweep -- --dir <folder> [--seconds 20] [--values <file>]`: reads every table in a folder, each in a thread of
 * its own, and counts which are read, refused in words, crashed or hung. Fails if any crashed or hung.
 *
 * `--values` writes the cells of all workbooks as JSON Lines. `python3 scripts/sweep/openpyxl-values.py <folder> <file>`
 * compares them with what openpyxl reads, which has to be installed.
 */
import { once } from 'node:events';
import { createWriteStream, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { formatOfName } from '../../src/core/formats/format.ts';
import type { Found } from './read-file.ts';

const { values: given } = parseArgs({
  options: {
    dir: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    values: { type: 'string' },
  },
});
const { dir } = given;
if (dir === undefined) throw new Error('--dir <folder> is missing');
const millis = Number(given.seconds) * 1_000;
const output = given.values === undefined ? undefined : createWriteStream(given.values);

type Result = Found | { kind: 'crashed'; message: string } | { kind: 'hung' };

/** Reads a file in a thread, which is ended when it takes too long. */
async function resultOf(path: string): Promise<Result> {
  const worker = new Worker(new URL('./read-file.ts', import.meta.url), {
    workerData: { path, cells: output !== undefined },
  });
  const time = setTimeout(() => worker.emit('message', { kind: 'hung' }), millis);
  const failed = once(worker, 'error').then(
    ([error]) => ({ kind: 'crashed', message: String(error) }) as const,
  );
  const ended = once(worker, 'message').then(([found]) => found as Result);
  try {
    return await Promise.race([failed, ended]);
  } finally {
    clearTimeout(time);
    failed.catch(() => {});
    await worker.terminate();
  }
}

const counts = new Map<string, string[]>();
const files = readdirSync(dir, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && formatOfName(entry.name) !== undefined)
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
for (const path of files) {
  const result = await resultOf(path);
  const name = relative(dir, path);
  const kind =
    result.kind === 'refused'
      ? `refused: ${result.code}`
      : result.kind === 'crashed'
        ? `crashed: ${result.message}`
        : result.kind;
  counts.set(kind, [...(counts.get(kind) ?? []), name]);
  if ('cells' in result && output)
    for (const cells of result.cells) output.write(`${JSON.stringify({ file: name, ...cells })}\n`);
}
output?.end();
for (const [kind, names] of [...counts].sort(([, one], [, other]) => other.length - one.length)) {
  const shown = kind === 'read' ? '' : `  ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
  console.log(`${String(names.length).padStart(5)}  ${kind}${shown}`);
}
console.log(`${String(files.length).padStart(5)}  files`);
if ([...counts.keys()].some((kind) => kind.startsWith('crashed') || kind === 'hung')) process.exitCode = 1;
