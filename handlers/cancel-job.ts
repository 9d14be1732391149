import { cancel } from '../src/core/jobs/cancel.ts';
import { stateFor } from '../src/core/jobs/views/view.ts';
import { api, json } from './edge/api.ts';
import { jobNotFound } from './edge/problem.ts';
import { jobs } from './edge/runtime.ts';
import { viewHere } from './edge/views.ts';

/** POST /jobs/{id}/cancel: stops new items from starting within 2 s; finished items stay. */
export const handler = api(async (event, _context, { tenant }) => {
  const id = event.pathParameters?.id ?? '';
  const found = await stateFor(jobs, tenant, id);
  if (!found) throw jobNotFound();
  await cancel(jobs, found);
  return json(200, viewHere((await stateFor(jobs, tenant, id)) ?? found));
});
