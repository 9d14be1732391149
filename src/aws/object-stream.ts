import type { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { faultOf } from './faults.ts';

/** How often a body that breaks off is read on without having brought anything. The SDK's own attempts end with the head. */
const fruitlessAttempts = 5;

/** An object that is being read. */
interface OpenObject {
  /** Of the body, from where it is read on. */
  bytes: number;
  /** All of it, also where the connection breaks off meanwhile. Throws an `InfrastructureError`. */
  body: AsyncIterable<Uint8Array>;
  /** Ends the reading of a body that was not begun. */
  close(): void;
}

/** Opens an object from byte `from` on; undefined where there is none. */
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
      // What is read on must be the same object still.
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
