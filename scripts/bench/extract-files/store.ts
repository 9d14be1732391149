import type { Blobs } from '../../../src/core/jobs/model/ports.ts';

const unexpected = () => {
  throw new Error('not expected to be called');
};

/** The store in memory. `delayMs` says how long an upload takes to come. */
export function memoryStore(
  files: ReadonlyMap<string, Buffer>,
  delay: (key: string) => Promise<void> = async () => {},
): Blobs {
  const written = new Map<string, Buffer>();
  return {
    async put(key, body) {
      written.set(key, Buffer.from(body));
    },
    async get(key) {
      const file = files.get(key);
      if (file === undefined) return written.get(key);
      await delay(key);
      return Buffer.from(file);
    },
    size: async (key) => files.get(key)?.length,
    async *list() {},
    readUrl: async (key) => key,
    read: unexpected,
    write: unexpected,
    beginParts: unexpected,
    putPart: unexpected,
    endParts: unexpected,
    delete: unexpected,
    writeUrl: unexpected,
  };
}
