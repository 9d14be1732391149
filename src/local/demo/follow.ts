import type { Client } from '../../client/client.ts';
import type { JobView, OutputFile } from '../../client/contract.ts';
import { type ProgressOptions, startProgress } from './progress.ts';

/** How long the service may hold a request for a job until something changes, in seconds. */
const waitSeconds = 10;
/** Results per request. Small, so that there is more than one page. */
const pageSize = 10;

/** Waits for a job's end and shows its progress. */
export async function followJob(
  client: Client,
  job: JobView,
  shown: ProgressOptions,
  output: NodeJS.WriteStream,
): Promise<JobView> {
  const progress = startProgress(shown, output);
  let latest = job;
  try {
    for await (latest of client.follow(job, waitSeconds)) progress.show(latest.processedItems);
    return latest;
  } finally {
    progress.end();
  }
}

/** All of a job's results, page by page. */
export async function allResults<Result extends object>(client: Client, jobId: string): Promise<Result[]> {
  const found: Result[] = [];
  for await (const page of client.getResults<Result>(jobId, { limit: pageSize })) found.push(...page);
  return found;
}

/** One of a job's finished files. */
export async function outputOf(client: Client, jobId: string, file?: OutputFile): Promise<Buffer> {
  return downloaded(client, await client.getOutput(jobId, file));
}

/** Downloads the target of a link. */
export const downloaded = (client: Client, url: string): Promise<Buffer> =>
  client.download(url, async (response) => Buffer.from(await response.arrayBuffer()));
