import { resultsOf } from '../src/core/jobs/views/results.ts';
import { stateFor } from '../src/core/jobs/views/view.ts';
import { continuation, roomBeside } from './edge/answer-size.ts';
import { api, json } from './edge/api.ts';
import { parseQuery } from './edge/input.ts';
import { jobNotFound } from './edge/problem.ts';
import { resultsQuery } from './edge/requests.ts';
import { jobs } from './edge/runtime.ts';

const query = resultsQuery(jobs.workloads.values());

/** GET /jobs/{id}/results: outcomes so far in the order of the items, page by page. */
export const handler = api(async (event, _context, { tenant }) => {
  const { status, review, limit, cursor } = parseQuery(event, query);
  const state = await stateFor(jobs, tenant, event.pathParameters?.id ?? '');
  if (!state) throw jobNotFound();
  const jobId = state.job.id;
  const page = await resultsOf(jobs, state, { status, review, limit, after: cursor }, roomBeside({ jobId }));
  const same = { ...(status && { status }), ...(review && { review: 'true' }), limit: String(limit) };
  return json(200, { jobId, results: page.results, ...continuation(jobId, page, same) });
});
