import { posix } from 'node:path';
import { SpillwayError } from '../../engine/errors.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { sourceNotFound } from './read-source.ts';

/** Files that a tenant uploaded, each an item: single files by key, or all files of folders. */
export interface FilesSource {
  /** `uploads/<tenant>/…` */
  keys?: readonly string[] | undefined;
  /** Key prefixes up to a `/`; subfolders included. */
  folders?: readonly string[] | undefined;
}

/** An item as a workload over files receives it. */
export interface FileItem {
  key: string;
  /** Its name for people: the path within the requested folder, including that folder's name if there are several. */
  name: string;
  /** Known only for files of a folder. */
  bytes?: number;
}

/** The most files that one request may submit. */
const maxFiles = 10_000;

/**
 * The files of a source as items, each file once: the keys in their order, then each folder's files in the order of
 * their keys. Leaves out files and folders whose name begins with a dot. Throws `TOO_MANY_FILES`, or `SOURCE_NOT_FOUND`
 * for an empty folder or another tenant's: callers cannot tell the two apart.
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
  /** Length of the part of the keys that the names leave out. */
  const aboveOf = (prefix: string) =>
    prefixes.length === 1 ? prefix.length : posix.dirname(prefix).length + 1;
  // Whether these files exist, and whose they are, is checked when the items run.
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

/** Excludes hidden files and the empty object that some programs create for a folder. */
const isShown = (path: string) =>
  path !== '' && !path.endsWith('/') && !path.split('/').some((step) => step.startsWith('.'));
