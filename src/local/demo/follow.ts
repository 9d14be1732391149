import type { JobView } from '../../client/contract.ts';
import type { ApiClient } from './api-client.ts';
import { type ProgressOptions, startProgress } from './progress.ts';

/** Seconds that the service may hold a question about a job until there is news. */
const waitSeconds = 10;
/** Results asked for at a time. Small, so that more than one page is seen. */
const pageSize = 10;

/** Waits for a job's end, showing how far it is. */
export async function followJob(
  client: ApiClient,
  jobId: string,
  shown: ProgressOptions,
  output: NodeJS.WriteStream,
): Promise<JobView> {
  const progress = startProgress(shown, output);
  try {
    for (;;) {
      const { body } = await client.get<JobView>(`/jobs/${jobId}?wait=${waitSeconds}`);
      progress.show(body.processedItems);
      if (body.status !== 'running') return body;
    }
  } finally {
    progress.end();
  }
}

/** All of a job's results, page by page. */
export async function allResults<Result>(client: ApiClient, jobId: string): Promise<Result[]> {
  const found: Result[] = [];
  let cursor: string | undefined;
  do {
    const after: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await client.get<{ results: Result[]; cursor?: string }>(
      `/jobs/${jobId}/results?limit=${pageSize}${after}`,
    );
    found.push(...body.results);
    cursor = body.cursor;
  } while (cursor !== undefined);
  return found;
}
