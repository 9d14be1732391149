import { join, posix } from 'node:path';
import pLimit from 'p-limit';
import type { Client } from '../client/client.ts';
import type { JobView } from '../client/contract.ts';
import { download } from './download.ts';
import { acceptedPath } from './input-files.ts';
import { knownWorkload } from './known-workload.ts';
import { stemOf, targetOf } from './target.ts';

/** A result of a workload over files. The file's full text may be behind a link that expires. */
interface FileResult {
  index: number;
  itemId?: string;
  output?: { text?: { url?: string } } | null;
}

/** Concurrent text downloads. */
const atOnce = 8;
/** Results per request. Small, so that their links do not expire before they are used. */
const pageSize = 50;

/**
 * Downloads the full texts of a job's files into a folder beside its output, if its workload reads files.
 * Resolves to the folder; undefined if there are no texts. Replaces existing texts and leaves other files
 * alone.
 */
export async function downloadTexts(
  client: Client,
  { jobId, workload }: JobView,
  output: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (targetOf(output).kind !== 'file') return undefined;
  if ((await knownWorkload(workload))?.items !== 'files') return undefined;
  const folder = textsFolder(output);
  const pathOf = textPaths();
  const limit = pLimit(atOnce);
  let found = false;
  for await (const page of client.getResults<FileResult>(jobId, { limit: pageSize, status: 'succeeded' })) {
    const texts = page.flatMap(({ index, itemId, output: file }) => {
      const url = file?.text?.url;
      return url === undefined ? [] : [{ url, path: join(folder, pathOf(itemId ?? String(index), index)) }];
    });
    found ||= texts.length > 0;
    const fetched = ({ url, path }: (typeof texts)[number]) =>
      limit(() => download(client, url, path, signal));
    await Promise.all(texts.map(fetched)).finally(() => limit.clearQueue());
  }
  return found ? folder : undefined;
}

/** Bytes of a path segment: file systems allow 255, and suffixes need some of them. */
const maxStepBytes = 200;

/** The folder for the texts of a job's files, beside its output: `found-texts` for `found.jsonl`. */
export function textsFolder(output: string): string {
  return `${stemOf(output)}-texts`;
}

/**
 * Gives each text its own path: its file's path plus `.txt`, and the item's number if another text has that
 * path. Never leads outside the folder. Gives the same paths each time if the files come in the same order.
 */
export function textPaths(): (name: string, index: number) => string {
  const files = new Set<string>();
  const folders = new Set<string>();
  const isFree = (path: string) =>
    !files.has(path) && !folders.has(path) && !above(path).some((folder) => files.has(folder));

  return (name, index) => {
    const steps = name.split('/').filter((step) => step !== '');
    const mirrored = acceptedPath(steps.map(shortened).join('/'));
    // The service accepts no segment that begins with a ~.
    const numbered = `~${index}.txt`;
    const found =
      [`${mirrored}.txt`, `${mirrored}${numbered}`].find((path) => isFree(folded(path))) ?? numbered;
    files.add(folded(found));
    for (const folder of above(folded(found))) folders.add(folder);
    return found;
  };
}

/** A character cut at the beginning is replaced like any other that is not accepted. */
const shortened = (step: string) => Buffer.from(step).subarray(-maxStepBytes).toString();

/** Some file systems treat names that differ only in case as the same. */
const folded = (path: string) => path.toLowerCase();

function above(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...above(folder)];
}
