import type { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { faultOf } from './faults.ts';

/** Resumes in a row that may bring no bytes after a body breaks off. The SDK itself retries only up to the headers. */
const fruitlessAttempts = 5;

/** An object that is open for reading. */
interface OpenObject {
  /** Length of the body, from the starting offset on. */
  bytes: number;
  /** The complete body, even if the connection breaks in between. Throws an `InfrastructureError`. */
  body: AsyncIterable<Uint8Array>;
  /** Closes a body of which nothing was read. */
  close(): void;
}

/** Opens an object from byte `from` on; undefined if there is none. */
export async function openObject(
  s3: S3Client,
  bucket: string,
  key: string,
  from: number,
  signal?: AbortSignal,
): Promise<OpenObject | undefined> {
  const request = async (start: number, etag?: string) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(start > 0 && { Range: `bytes=${start}-` }),
      // A resumed read must continue the same object.
      ...(etag !== undefined && { IfMatch: etag }),
    });
    return s3.send(command, signal ? { abortSignal: signal } : {});
  };
  const first = await request(from).catch((error) => {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  });
  if (!first) return undefined;
  const bytes = first.ContentLength ?? 0;

  async function* read(opened: typeof first) {
    let position = from;
    let fruitless = 0;
    for (let found = opened; ; ) {
      try {
        for await (const chunk of (found?.Body ?? []) as AsyncIterable<Uint8Array>) {
          yield chunk;
          position += chunk.length;
          fruitless = 0;
        }
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (position - from === bytes) return;
        fruitless += 1;
        if (fruitless > fruitlessAttempts) throw faultOf('s3', error);
        found = await request(position, opened?.ETag);
      }
    }
  }

  return {
    bytes,
    body: read(first),
    close: () => (first.Body as Readable | undefined)?.destroy(),
  };
}
