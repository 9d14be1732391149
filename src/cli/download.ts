import { Readable } from 'node:stream';
import { ApiError } from '../client/api-error.ts';
import type { Client } from '../client/client.ts';
import type { OutputFile } from '../client/contract.ts';
import type { FindFile } from './finished-files.ts';
import { extensionOf } from './target.ts';
import { type Chunks, writeOutput } from './write-target.ts';

/** The finished files of a job that a service has. */
export const filesOfService =
  (client: Client, jobId: string): FindFile =>
  async (file) => {
    const url = await linkTo(client, jobId, file);
    if (url === undefined) return undefined;
    return {
      extension: extensionOf(new URL(url).pathname),
      read: (write) => client.download(url, ({ body }) => write(chunksOf(body))),
    };
  };

const chunksOf = (body: ReadableStream<Uint8Array<ArrayBuffer>> | null): Chunks =>
  body === null ? Readable.from([]) : Readable.fromWeb(body);

async function linkTo(client: Client, jobId: string, file: OutputFile): Promise<string | undefined> {
  try {
    return await client.getOutput(jobId, file);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'NO_SUCH_FILE') return undefined;
    throw error;
  }
}

/** Downloads the target of a link. */
export async function download(
  client: Client,
  url: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await client.download(url, ({ body }) => writeOutput(path, chunksOf(body), signal));
}
