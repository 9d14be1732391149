import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { standardStream } from './target.ts';
import { UsageError } from './usage-error.ts';

/** Inputs by path, and how to be rid of what was kept of them. */
export interface Spooled {
  inputs: string[];
  remove(): Promise<void>;
}

/**
 * Keeps the content of standard input, a pipe or a device in the data directory, under the name of its content: a job
 * outlives the command, and the same content is the same job. Other inputs stay where they are.
 */
export async function spool(inputs: readonly string[], dataDir: string): Promise<Spooled> {
  const kept: string[] = [];
  const paths: string[] = [];
  for (const input of inputs) {
    if (!isStream(input)) paths.push(input);
    else {
      const path = await keep(input, join(dataDir, 'inputs'));
      kept.push(path);
      paths.push(path);
    }
  }
  const remove = async () => {
    await Promise.all(kept.map((path) => rm(path, { force: true })));
  };
  return { inputs: paths, remove };
}

const stdinNames: ReadonlySet<string> = new Set([
  standardStream,
  '/dev/stdin',
  '/dev/fd/0',
  '/proc/self/fd/0',
]);

function isStream(input: string): boolean {
  if (stdinNames.has(input)) return true;
  const stats = statSync(input, { throwIfNoEntry: false });
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice());
}

async function keep(input: string, directory: string): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const unfinished = join(directory, `.${randomUUID()}.unfinished`);
  const hash = createHash('sha256');
  try {
    await pipeline(
      stdinNames.has(input) ? process.stdin : createReadStream(input),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(unfinished, { mode: 0o600 }),
    );
    if ((await stat(unfinished)).size === 0) throw new UsageError(`The input ${input} is empty.`);
    const path = join(directory, hash.digest('hex'));
    // A job that goes on knows the file that is there already, and when it was made.
    if (existsSync(path)) await rm(unfinished);
    else await rename(unfinished, path);
    return path;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
