import { stateFor, waitForChange } from '../src/core/jobs/views/view.ts';
import { api, json } from './edge/api.ts';
import { holdUntil } from './edge/budget.ts';
import { parseQuery } from './edge/input.ts';
import { jobNotFound } from './edge/problem.ts';
import { jobQuery } from './edge/requests.ts';
import { jobs } from './edge/runtime.ts';
import { viewHere } from './edge/views.ts';

/**
 * GET /jobs/{id}?wait=N: a job's state. Held until it changes, for up to N seconds or as long as the gateway
 * allows.
 */
export const handler = api(async (event, context, { tenant }) => {
  const { wait } = parseQuery(event, jobQuery);
  const found = await stateFor(jobs, tenant, event.pathParameters?.id ?? '');
  if (!found) throw jobNotFound();
  const state = wait === 0 ? found : await waitForChange(jobs, found, holdUntil(event, context, wait));
  return json(200, viewHere(state), state.job.status === 'running' ? { 'retry-after': '2' } : {});
});
