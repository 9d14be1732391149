import { basename, dirname, join, posix } from 'node:path';
import pLimit from 'p-limit';
import type { Client } from '../client/client.ts';
import type { JobView } from '../client/contract.ts';
import { download } from './download.ts';
import { acceptedPath } from './input-files.ts';
import { knownWorkload } from './known-workload.ts';

/** A result of a workload over files, which may have the file's whole text behind a link that expires. */
interface FileResult {
  index: number;
  itemId?: string;
  output?: { text?: { url?: string } } | null;
}

/** Texts that are downloaded at a time. */
const atOnce = 8;
/** Results asked for at a time: their links must not expire before their turn comes. */
const pageSize = 50;

/**
 * Downloads the whole texts of a job's files into a folder beside its output, where its workload reads files. Resolves to
 * the folder; undefined where there are no texts. Replaces those that are there, and leaves other files alone.
 */
export async function downloadTexts(
  client: Client,
  { jobId, workload }: JobView,
  output: string,
  signal: AbortSignal,
): Promise<string | undefined> {
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

/** Bytes of a step of a path: file systems take 255, some of which are for what is added. */
const maxStepBytes = 200;

/** The folder that takes the texts of a job's files, beside its output: `found-texts` for `found.jsonl`. */
export function textsFolder(output: string): string {
  return join(dirname(output), `${basename(output).replace(/\.\w+(?:\.gz)?$/, '')}-texts`);
}

/**
 * Gives each text a path of its own: that of its file with `.txt` behind it, and with the item's number as well where
 * another has that. Never leads elsewhere, and is the same each time if the files come in the same order.
 */
export function textPaths(): (name: string, index: number) => string {
  const files = new Set<string>();
  const folders = new Set<string>();
  const isFree = (path: string) =>
    !files.has(path) && !folders.has(path) && !above(path).some((folder) => files.has(folder));

  return (name, index) => {
    const steps = name.split('/').filter((step) => step !== '');
    const mirrored = acceptedPath(steps.map(shortened).join('/'));
    // No step that was accepted begins with a ~.
    const numbered = `~${index}.txt`;
    const found =
      [`${mirrored}.txt`, `${mirrored}${numbered}`].find((path) => isFree(folded(path))) ?? numbered;
    files.add(folded(found));
    for (const folder of above(folded(found))) folders.add(folder);
    return found;
  };
}

/** What is broken at its beginning is replaced as all that is not accepted. */
const shortened = (step: string) => Buffer.from(step).subarray(-maxStepBytes).toString();

/** Some file systems take names for the same that differ in case only. */
const folded = (path: string) => path.toLowerCase();

function above(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...above(folder)];
}
