import { isHeld, type Job, withoutSlices } from '../src/core/jobs/model/job.ts';
import type { JobView } from '../src/core/jobs/views/view.ts';
import { api, json } from './edge/api.ts';
import { parseQuery } from './edge/input.ts';
import { jobsQuery } from './edge/requests.ts';
import { jobs } from './edge/runtime.ts';
import { viewHere } from './edge/views.ts';

/** GET /jobs: the tenant's jobs, the latest first, page by page. Counts of running jobs cover finished slices. */
export const handler = api(async (event, _context, { tenant }) => {
  const { limit, cursor } = parseQuery(event, jobsQuery);
  const found = await jobs.ledger.jobsOf(tenant, limit + 1, cursor);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    jobs: await Promise.all(page.map(shown)),
    ...(found.length > limit && last && { cursor: last.id }),
  });
});

/**
 * The record of a job that winds up, or was interrupted in the middle of its slices, does not have all its counts. Such
 * jobs are few.
 */
async function shown(job: Job): Promise<JobView> {
  const isPartial = job.finishing || isHeld(job, jobs.settings.session);
  const whole = isPartial && (await jobs.ledger.state(job.id));
  return viewHere(whole || withoutSlices(job));
}
