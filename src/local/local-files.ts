import { randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { SpillwayError } from '../core/engine/errors.ts';
import { fileType, formatOfName } from '../core/formats/format.ts';
import { portErrors } from '../core/jobs/model/port-errors.ts';
import type { BlobEntry, Blobs } from '../core/jobs/model/ports.ts';
import { localErrors } from './local-errors.ts';

/** A file of this machine that serves as an upload. */
const linkSchema = z.object({ path: z.string(), bytes: z.number(), modifiedMs: z.number() });

/**
 * Uploads that are links, and the files of finished jobs: `jobs/<id>/<file>`, not the many small objects of
 * their slices.
 */
const linked = /^uploads\/[^/]+\/linked-[^/]+\/./;
const finished = /^jobs\/[^/]+\/[^/]+$/;

/** Bytes per read from the disk. */
const readSize = 2 ** 20;

/** The path at which the gateway serves {@link servedFile}. */
export const filesPath = '/__files/';

/**
 * Makes a file of this machine an upload with the given key, `uploads/<tenant>/linked-<name>/<file>`, without
 * copying it.
 */
export async function linkFile(directory: string, key: string, path: string): Promise<void> {
  const { size: bytes, mtimeMs: modifiedMs } = await stat(path);
  const link = join(directory, key);
  mkdirSync(dirname(link), { recursive: true });
  await writeFile(link, JSON.stringify({ path, bytes, modifiedMs } satisfies z.infer<typeof linkSchema>));
}

/**
 * The blobs of one machine. Its own files are read in place, and jobs' finished files are written beside the
 * store rather than into it; the store holds everything else. The embedded store reads a whole object into
 * memory for each GET, which is acceptable for slices but not for files of any size.
 */
export function withLocalFiles(blobs: Blobs, directory: string): Blobs {
  const own = (key: string) => finished.test(key) && existsSync(join(directory, key));
  const unfinished = (key: string, upload: string) => join(directory, `${key}.${upload}.unfinished`);
  return {
    ...blobs,

    async get(key, options) {
      const path = own(key) ? join(directory, key) : linked.test(key) && targetOf(directory, key);
      if (path === undefined) return undefined;
      return path ? readWhole(path, options) : blobs.get(key, options);
    },

    async size(key, signal) {
      const path = own(key) ? join(directory, key) : linked.test(key) && targetOf(directory, key);
      if (path === undefined) return undefined;
      return path ? (await stat(path)).size : blobs.size(key, signal);
    },

    async read(key, from = 0) {
      const path = linked.test(key) ? targetOf(directory, key) : join(directory, key);
      if (path === undefined) return undefined;
      if (!linked.test(key) && !own(key)) return blobs.read(key, from);
      return createReadStream(path, { start: from, highWaterMark: readSize });
    },

    async *list(prefix) {
      if (linked.test(`${prefix}.`)) yield* linksIn(directory, prefix);
      else yield* blobs.list(prefix);
    },

    async write(key, chunks, contentType) {
      if (!finished.test(key)) return blobs.write(key, chunks, contentType);
      const path = join(directory, key);
      mkdirSync(dirname(path), { recursive: true });
      await pipeline(chunks, createWriteStream(`${path}.unfinished`, { flush: true }));
      await rename(`${path}.unfinished`, path);
    },

    async put(key, body, contentType, signal) {
      if (!finished.test(key)) return blobs.put(key, body, contentType, signal);
      await this.write(key, Readable.from([Buffer.from(body)]), contentType);
    },

    async beginParts(key, contentType) {
      if (!finished.test(key)) return blobs.beginParts(key, contentType);
      const upload = randomUUID();
      mkdirSync(dirname(join(directory, key)), { recursive: true });
      await writeFile(unfinished(key, upload), '');
      return upload;
    },

    // A part's tag says where it ends: a part that is written again after a crash takes its own place.
    async putPart(key, upload, tags, body) {
      if (!finished.test(key)) return blobs.putPart(key, upload, tags, body);
      const start = Number(tags.at(-1) ?? 0);
      const file = await open(unfinished(key, upload), 'r+');
      try {
        await file.write(body, 0, body.length, start);
        await file.sync();
      } finally {
        await file.close();
      }
      return String(start + body.length);
    },

    async endParts(key, upload, tags) {
      if (!finished.test(key)) return blobs.endParts(key, upload, tags);
      const path = unfinished(key, upload);
      if (!existsSync(path) && own(key)) return;
      await truncate(path, Number(tags.at(-1) ?? 0));
      await rename(path, join(directory, key));
    },

    async delete(keys) {
      await Promise.all(keys.filter(own).map((key) => rm(join(directory, key), { force: true })));
      await blobs.delete(keys);
    },

    readUrl: async (key) => (own(key) ? filesPath + key : blobs.readUrl(key)),
  };
}

async function readWhole(
  path: string,
  { maxBytes = Number.POSITIVE_INFINITY, signal }: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > maxBytes) {
    throw new SpillwayError(
      portErrors.OBJECT_TOO_LARGE,
      `${path} has ${size} bytes; at most ${maxBytes} are read`,
    );
  }
  return readFile(path, { ...(signal && { signal }) });
}

/** The links whose keys begin with `prefix`, which ends in a `/`. */
function linksIn(directory: string, prefix: string): BlobEntry[] {
  const folder = join(directory, prefix);
  if (!existsSync(folder)) return [];
  const links = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return links
    .map(({ parentPath, name }) => {
      const link = join(parentPath, name);
      const { bytes } = linkSchema.parse(JSON.parse(readFileSync(link, 'utf8')));
      return { key: prefix + relative(folder, link).replaceAll('\\', '/'), bytes };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The file behind a link; undefined if there is no link. Throws `SOURCE_CHANGED`. */
function targetOf(directory: string, key: string): string | undefined {
  const link = join(directory, key);
  if (!existsSync(link)) return undefined;
  const { path, bytes, modifiedMs } = linkSchema.parse(JSON.parse(readFileSync(link, 'utf8')));
  const now = statSync(path, { throwIfNoEntry: false });
  if (now?.size === bytes && now.mtimeMs === modifiedMs) return path;
  throw new SpillwayError(localErrors.SOURCE_CHANGED, `${path} has changed since its job was submitted`);
}

/** A finished file, by its path in a URL, as a response; undefined if there is none. */
export function servedFile(directory: string, path: string): Response | undefined {
  const key = path.slice(filesPath.length);
  const file = join(directory, key);
  if (!finished.test(key) || key.split('/').includes('..')) return undefined;
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  const format = formatOfName(key);
  if (format === undefined) return undefined;
  const { contentType } = fileType(format, key.endsWith('.gz'));
  const body = Readable.toWeb(createReadStream(file, { highWaterMark: readSize })) as ReadableStream;
  return new Response(body, {
    headers: { 'content-type': contentType, 'content-length': String(stats.size) },
  });
}
