import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { kindOf } from '../../../src/workloads/extract-files/kind.ts';
import { parse } from '../../../src/workloads/extract-files/parse/parse.ts';

/** What is found in a file of this folder's `files`. */
export async function readSample(name: string) {
  const bytes = await readFile(new URL(`./files/${name}`, import.meta.url));
  return parse(kindOf(bytes, basename(name)), new Uint8Array(bytes));
}

/** What is found in these bytes under this name. */
export const readBytes = (name: string, bytes: Buffer) => parse(kindOf(bytes, name), new Uint8Array(bytes));
