import type { Api } from './api.ts';

/** A job's outcomes so far in the order of the items, a page of up to `limit` at a time. */
export async function* resultPages<Result extends object>(
  api: Api,
  jobId: string,
  { limit, status }: { limit: number; status?: string | undefined },
): AsyncGenerator<Result[]> {
  const query = new URLSearchParams({ limit: String(limit), ...(status && { status }) });
  for (;;) {
    const page = await api.get<{ results: Result[]; cursor?: string }>(
      `/jobs/${encodeURIComponent(jobId)}/results?${query}`,
    );
    yield page.results;
    if (page.cursor === undefined) return;
    query.set('cursor', page.cursor);
  }
}
