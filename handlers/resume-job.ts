import { workloadOf } from '../src/core/jobs/model/jobs-context.ts';
import { resume } from '../src/core/jobs/resume.ts';
import { stateFor } from '../src/core/jobs/views/view.ts';
import { api, json } from './edge/api.ts';
import { check, parseBody } from './edge/input.ts';
import { jobNotFound } from './edge/problem.ts';
import { resumeRequest } from './edge/requests.ts';
import { jobs } from './edge/runtime.ts';
import { viewHere } from './edge/views.ts';

/** POST /jobs/{id}/resume: goes on with a held job, if need be at another pace or with an output in another format. */
export const handler = api(async (event, _context, { tenant }) => {
  const id = event.pathParameters?.id ?? '';
  const found = await stateFor(jobs, tenant, id);
  if (!found) throw jobNotFound();
  const { maxWorkers, output, options, limit } = event.body ? parseBody(event, resumeRequest) : {};
  const checked =
    options === undefined
      ? undefined
      : check(workloadOf(jobs, found.job.workload).options, options, 'The options do not fit the workload');
  await resume(jobs, found, { maxWorkers, output, options: checked, limit });
  const view = viewHere((await stateFor(jobs, tenant, id)) ?? found);
  return json(202, view, { location: `/jobs/${id}`, 'retry-after': '2' });
});
