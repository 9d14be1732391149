import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { clientOptions } from './cloud-resources.ts';
import type { Service } from './service.ts';

export interface ImportOptions {
  /** The key's end, a name or a path: what the extension tells counts. */
  name: string;
  contentType: string;
  /** Where it is to be with others. Default: in a folder of its own. */
  folder?: string;
  /** Whose upload it will be. Default: the tenant of the default key. */
  tenant?: string;
  signal?: AbortSignal;
}

/** Bytes. The embedded S3 takes 11 MiB in one request; S3 takes 10,000 parts, so that this is enough for 80 GB. */
const partSize = 8 * 2 ** 20;

/**
 * Puts a file of this machine into the service's bucket, in parts: memory stays flat, and no size is too large for one
 * request. Resolves to its key, as `POST /uploads` would have given it.
 */
export async function importFile(
  { config, endpoints, environment }: Service,
  path: string,
  { name, contentType, folder = randomUUID(), tenant = 'local', signal }: ImportOptions,
): Promise<string> {
  const bucket = [...config.resources.values()].find(({ kind }) => kind === 'bucket');
  if (bucket === undefined) throw new Error('The service has no bucket');
  const Key = `uploads/${tenant}/${folder}/${name}`;
  const client = new S3Client({ ...clientOptions(endpoints.s3, environment), forcePathStyle: true });
  const body = createReadStream(path);
  try {
    const upload = new Upload({
      client,
      params: { Bucket: bucket.name, Key, Body: body, ContentType: contentType },
      partSize,
      queueSize: 2,
    });
    const abort = () => void upload.abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      await upload.done();
      return Key;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  } finally {
    body.destroy();
    client.destroy();
  }
}
