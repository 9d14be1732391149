import { Readable } from 'node:stream';
import { SpillwayError } from '../../src/engine/errors.ts';
import type { Blobs } from '../../src/jobs/ports.ts';

/** {@link Blobs} in memory, for what reads, writes and lists. */
export function memoryBlobs(objects = new Map<string, Buffer>()): Blobs & { objects: Map<string, Buffer> } {
  const unexpected = () => {
    throw new Error('not expected to be called');
  };
  return {
    objects,
    async put(key, body) {
      objects.set(key, Buffer.from(body));
    },
    async get(key, { maxBytes = Number.POSITIVE_INFINITY } = {}) {
      const found = objects.get(key);
      if (found && found.length > maxBytes)
        throw new SpillwayError('OBJECT_TOO_LARGE', `${key} is too large`);
      return found && Buffer.from(found);
    },
    size: async (key) => objects.get(key)?.length,
    async *list(prefix) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      for (const key of keys) yield { key, bytes: objects.get(key)?.length ?? 0 };
    },
    readUrl: async (key) => `https://store.test/${key}`,
    read: async (key) => {
      const found = objects.get(key);
      return found && Readable.from([found]);
    },
    write: unexpected,
    beginParts: unexpected,
    putPart: unexpected,
    endParts: unexpected,
    delete: unexpected,
    writeUrl: unexpected,
  };
}
