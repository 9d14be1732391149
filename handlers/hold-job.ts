import { hold } from '../src/core/jobs/hold.ts';
import { stateFor } from '../src/core/jobs/views/view.ts';
import { api, json } from './edge/api.ts';
import { jobNotFound } from './edge/problem.ts';
import { jobs } from './edge/runtime.ts';
import { viewHere } from './edge/views.ts';

/** POST /jobs/{id}/hold: a running job stops within 2 s, and goes on only when it is resumed. */
export const handler = api(async (event, _context, { tenant }) => {
  const id = event.pathParameters?.id ?? '';
  const found = await stateFor(jobs, tenant, id);
  if (!found) throw jobNotFound();
  await hold(jobs, found);
  return json(200, viewHere((await stateFor(jobs, tenant, id)) ?? found));
});
