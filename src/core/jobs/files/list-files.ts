import { posix } from 'node:path';
import { SpillwayError } from '../../engine/errors.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { sourceNotFound } from './split-source.ts';

/** Files that a tenant uploaded, each of which is an item: by their keys, or all that are in folders. */
export interface FilesSource {
  /** `uploads/<tenant>/…` */
  keys?: readonly string[] | undefined;
  /** Beginnings of keys up to a `/`; with all folders in them. */
  folders?: readonly string[] | undefined;
}

/** An item as a workload over files gets it. */
export interface FileItem {
  key: string;
  /** What a person calls it: its path within the folder that was asked for; of several, with the folder's own name. */
  name: string;
  /** Known where a folder was listed. */
  bytes?: number;
}

/** More files than this are no job of one request. */
const maxFiles = 10_000;

/**
 * The items that the files of a source make, each file once: the keys in their order, then each folder's files in the
 * order of their keys. What has a name that begins with a dot is left out. Another tenant's folder looks like one that
 * is empty: throws `SOURCE_NOT_FOUND`, or `TOO_MANY_FILES`.
 */
export async function listFiles(jobs: JobsContext, tenant: string, source: FilesSource): Promise<FileItem[]> {
  const found = new Map<string, FileItem>();
  const add = (item: FileItem) => {
    if (!found.has(item.key)) found.set(item.key, item);
    if (found.size > maxFiles) {
      throw new SpillwayError(
        jobErrors.TOO_MANY_FILES,
        `There are more than ${maxFiles} files: split them into several jobs`,
      );
    }
  };
  const prefixes = (source.folders ?? []).map((folder) => (folder.endsWith('/') ? folder : `${folder}/`));
  /** Of a folder that is asked for, what its files' names do not show. */
  const aboveOf = (prefix: string) =>
    prefixes.length === 1 ? prefix.length : posix.dirname(prefix).length + 1;
  // Whether they are there, and whose they are, is found out when their turn comes.
  for (const key of source.keys ?? []) {
    const prefix = prefixes.find((one) => key.startsWith(one));
    add({ key, name: prefix === undefined ? posix.basename(key) : key.slice(aboveOf(prefix)) });
  }
  for (const prefix of prefixes) {
    const own = prefix.startsWith(`uploads/${tenant}/`) && !prefix.split('/').includes('..');
    if (!own) throw sourceNotFound(prefix);
    const above = aboveOf(prefix);
    let listed = 0;
    for await (const { key, bytes } of jobs.blobs.list(prefix)) {
      if (!isShown(key.slice(prefix.length))) continue;
      add({ key, name: key.slice(above), bytes });
      listed += 1;
    }
    if (listed === 0) throw sourceNotFound(prefix);
  }
  return [...found.values()];
}

/** No file of the system, nor the empty object that some programs make for a folder. */
const isShown = (path: string) =>
  path !== '' && !path.endsWith('/') && !path.split('/').some((step) => step.startsWith('.'));
