import type { Blobs } from '../../core/jobs/model/ports.ts';
import { type DocumentInfo, type Kind, parserVersion } from './document.ts';

/** A file's content, by everything that decides what a parser finds in it. */
export interface Content {
  tenant: string;
  /** SHA-256 in hex. */
  hash: string;
  /** The same bytes may be read as text or as a table, depending on the name. */
  kind: Kind;
}

/** What a parser found in a file: the text is UTF-8. */
export interface Found {
  info: DocumentInfo;
  text: Uint8Array;
}

/**
 * Findings by content: the same file in the next job, or under another name, is not parsed again. Each tenant has
 * its own, so that no tenant learns whether another has a certain file. Losing it only costs time, so a failing
 * store is no error.
 */
export interface FoundCache {
  get(content: Content, signal: AbortSignal): Promise<Found | undefined>;
  put(content: Content, found: Found, signal: AbortSignal): Promise<void>;
}

export function foundCache(blobs: Blobs): FoundCache {
  const keyOf = ({ tenant, hash, kind }: Content) =>
    `cache/${tenant}/extract-files/${parserVersion}/${hash}.${kind}`;
  return {
    async get(content, signal) {
      const key = keyOf(content);
      const info = await blobs.get(`${key}.json`, { signal });
      const text = info && (await blobs.get(`${key}.txt`, { signal }));
      return info && text && { info: JSON.parse(info.toString()) as DocumentInfo, text };
    },
    async put(content, { info, text }, signal) {
      const key = keyOf(content);
      // The object that is read first is written last.
      await blobs.put(`${key}.txt`, text, 'text/plain; charset=utf-8', signal);
      await blobs.put(`${key}.json`, JSON.stringify(info), 'application/json', signal);
    },
  };
}
