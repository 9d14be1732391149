import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Api } from '../client/api.ts';
import type { JobView } from '../client/contract.ts';
import { patiently } from '../client/patiently.ts';
import { resultPages } from '../client/results.ts';
import { download } from './download.ts';
import { knownWorkload } from './known-workload.ts';
import { textPaths, textsFolder } from './text-paths.ts';

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
  api: Api,
  { jobId, workload }: JobView,
  output: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if ((await knownWorkload(workload))?.items !== 'files') return undefined;
  const folder = textsFolder(output);
  const pathOf = textPaths();
  const limit = pLimit(atOnce);
  let found = false;
  for await (const page of resultPages<FileResult>(api, jobId, { limit: pageSize, status: 'succeeded' })) {
    const texts = page.flatMap(({ index, itemId, output: file }) => {
      const url = file?.text?.url;
      return url === undefined ? [] : [{ url, path: join(folder, pathOf(itemId ?? String(index), index)) }];
    });
    found ||= texts.length > 0;
    const fetched = ({ url, path }: (typeof texts)[number]) =>
      limit(() => patiently.execute(() => download(url, path, signal), signal));
    await Promise.all(texts.map(fetched)).finally(() => limit.clearQueue());
  }
  return found ? folder : undefined;
}
