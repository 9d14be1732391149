import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { SpillwayError } from '../core/engine/errors.ts';
import { portErrors } from '../core/jobs/model/port-errors.ts';
import type { Blobs } from '../core/jobs/model/ports.ts';

/** {@link Blobs} in memory; `objects` holds them all. Links lead nowhere. */
export function memoryBlobs(objects = new Map<string, Buffer>()): Blobs & { objects: Map<string, Buffer> } {
  const uploads = new Map<string, { key: string; parts: Map<string, Buffer> }>();
  return {
    objects,

    async put(key, body, _contentType, signal) {
      signal?.throwIfAborted();
      objects.set(key, Buffer.from(body));
    },

    async get(key, { maxBytes = Number.POSITIVE_INFINITY, signal } = {}) {
      signal?.throwIfAborted();
      const found = objects.get(key);
      if (found && found.length > maxBytes) {
        throw new SpillwayError(
          portErrors.OBJECT_TOO_LARGE,
          `${key} has ${found.length} bytes; at most ${maxBytes} are read`,
        );
      }
      return found && Buffer.from(found);
    },

    size: async (key) => objects.get(key)?.length,

    async read(key, from = 0) {
      const found = objects.get(key);
      return found && chunksOf(found.subarray(from));
    },

    async *list(prefix) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      for (const key of keys) yield { key, bytes: objects.get(key)?.length ?? 0 };
    },

    async write(key, chunks) {
      objects.set(key, await buffer(chunks));
    },

    async beginParts(key) {
      const upload = randomUUID();
      uploads.set(upload, { key, parts: new Map() });
      return upload;
    },

    async putPart(_key, upload, tags, body) {
      const tag = `${tags.length}-${randomUUID()}`;
      uploads.get(upload)?.parts.set(tag, Buffer.from(body));
      return tag;
    },

    async endParts(key, upload, tags) {
      const found = uploads.get(upload);
      // An upload is forgotten once it is complete.
      if (!found && objects.has(key)) return;
      if (!found) throw new SpillwayError(portErrors.UPLOAD_MISSING, `There is no upload ${upload}`);
      objects.set(key, Buffer.concat(tags.map((tag) => found.parts.get(tag) ?? Buffer.alloc(0))));
      uploads.delete(upload);
    },

    async delete(keys) {
      for (const key of keys) objects.delete(key);
    },

    readUrl: async (key) => `https://store.test/${key}`,
    writeUrl: async (key) => `https://store.test/${key}?write`,
  };
}

async function* chunksOf(body: Buffer): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}
