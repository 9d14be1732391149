import { retry } from '../src/core/jobs/retry.ts';
import { stateFor } from '../src/core/jobs/views/view.ts';
import { api, json } from './edge/api.ts';
import { jobNotFound } from './edge/problem.ts';
import { jobs } from './edge/runtime.ts';
import { viewHere } from './edge/views.ts';

/** POST /jobs/{id}/retry: runs the failed items of a job again, and only those, in the same job. */
export const handler = api(async (event, _context, { tenant }) => {
  const id = event.pathParameters?.id ?? '';
  const found = await stateFor(jobs, tenant, id);
  if (!found) throw jobNotFound();
  await retry(jobs, found);
  const view = viewHere((await stateFor(jobs, tenant, id)) ?? found);
  return json(202, view, { location: `/jobs/${id}`, 'retry-after': '2' });
});
