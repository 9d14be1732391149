import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchUpload,
  NotFound,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SpillwayError } from '../core/engine/errors.ts';
import { portErrors } from '../core/jobs/model/port-errors.ts';
import type { Blobs } from '../core/jobs/model/ports.ts';
import { refusedBy } from './faults.ts';
import { openObject } from './object-stream.ts';

/** Links to objects stay valid this long: long enough for a storefront to copy them. */
const readUrlSeconds = 3_600;
/** Bytes per part of an upload of unknown size. S3 takes 10,000 parts of 5 MiB or more. */
const partSize = 8 * 2 ** 20;
/** S3 deletes at most 1,000 keys per call. */
const deleteBatch = 1_000;

/** {@link Blobs} in one S3 bucket. */
export function s3Blobs(s3: S3Client, bucket: string): Blobs {
  return {
    async put(key, body, contentType, signal) {
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }),
        signal ? { abortSignal: signal } : {},
      );
    },

    async get(key, { maxBytes = Number.POSITIVE_INFINITY, signal } = {}) {
      const found = await openObject(s3, bucket, key, 0, signal);
      if (!found) return undefined;
      if (found.bytes > maxBytes) {
        found.close();
        throw new SpillwayError(
          portErrors.OBJECT_TOO_LARGE,
          `${key} has ${found.bytes} bytes; at most ${maxBytes} are read`,
        );
      }
      return buffer(found.body);
    },

    async size(key, signal) {
      try {
        const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
        return (await s3.send(command, signal ? { abortSignal: signal } : {})).ContentLength ?? 0;
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        throw error;
      }
    },

    async read(key, from = 0) {
      return (await openObject(s3, bucket, key, from))?.body;
    },

    async *list(prefix) {
      for await (const { Contents = [] } of paginateListObjectsV2(
        { client: s3 },
        { Bucket: bucket, Prefix: prefix },
      )) {
        for (const { Key: key = '', Size: bytes = 0 } of Contents) yield { key, bytes };
      }
    },

    async write(key, chunks, contentType) {
      await new Upload({
        client: s3,
        params: { Bucket: bucket, Key: key, Body: Readable.from(chunks), ContentType: contentType },
        partSize,
        queueSize: 2,
      }).done();
    },

    async beginParts(key, contentType) {
      const command = new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
      });
      return (await s3.send(command)).UploadId ?? '';
    },

    async putPart(key, upload, tags, body) {
      const place = { UploadId: upload, PartNumber: tags.length + 1 };
      const command = { Bucket: bucket, Key: key, ...place, Body: body };
      return (await s3.send(new UploadPartCommand(command))).ETag ?? '';
    },

    async endParts(key, upload, tags) {
      const Parts = tags.map((ETag, position) => ({ ETag, PartNumber: position + 1 }));
      const command = { Bucket: bucket, Key: key, UploadId: upload, MultipartUpload: { Parts } };
      try {
        await s3.send(new CompleteMultipartUploadCommand(command));
      } catch (error) {
        // S3 forgets an upload once it is complete.
        if (!(error instanceof NoSuchUpload)) throw error;
        await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      }
    },

    async delete(keys) {
      for (let start = 0; start < keys.length; start += deleteBatch) {
        const Objects = keys.slice(start, start + deleteBatch).map((Key) => ({ Key }));
        const { Errors } = await s3.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
        );
        if (Errors?.length) {
          throw refusedBy('s3', `${Errors.length} objects were not deleted: ${Errors[0]?.Code}`);
        }
      }
    },

    readUrl: (key) =>
      getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: readUrlSeconds }),

    writeUrl: (key, { contentType, bytes, expiresSeconds }) =>
      getSignedUrl(
        s3,
        new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: contentType, ContentLength: bytes }),
        { expiresIn: expiresSeconds, signableHeaders: new Set(['content-type', 'content-length', 'host']) },
      ),
  };
}
