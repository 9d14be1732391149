import { api, json } from './edge/api.ts';
import { parseQuery } from './edge/input.ts';
import { jobsQuery } from './edge/requests.ts';
import { jobs } from './edge/runtime.ts';
import { viewHere } from './edge/views.ts';

/** GET /jobs: the tenant's jobs, the latest first, page by page. Counts cover the finished slices. */
export const handler = api(async (event, _context, { tenant }) => {
  const { limit, cursor } = parseQuery(event, jobsQuery);
  const found = await jobs.ledger.jobsOf(tenant, limit + 1, cursor);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    jobs: page.map((job) => viewHere({ job, slices: [], tasks: [], settled: new Set() })),
    ...(found.length > limit && last && { cursor: last.id }),
  });
});
