import { jobErrors } from '../src/core/jobs/model/job-errors.ts';
import { api } from './edge/api.ts';
import { parseQuery } from './edge/input.ts';
import { jobNotFound, Problem } from './edge/problem.ts';
import { outputQuery } from './edge/requests.ts';
import { jobs } from './edge/runtime.ts';

/**
 * GET /jobs/{id}/output: redirects to the finished file; `?file=errors` to the file of failed items,
 * `?file=summary` to the workload's summary.
 */
export const handler = api(async (event, _context, { tenant }) => {
  const { file } = parseQuery(event, outputQuery);
  const job = await jobs.ledger.job(event.pathParameters?.id ?? '');
  if (job?.tenant !== tenant) throw jobNotFound();
  if (job.status === 'running' || job.finishing) {
    const detail = job.finishing ? 'The files are still being written' : 'The job is still running';
    throw new Problem(jobErrors.JOB_NOT_ENDED, detail);
  }
  const key = job.files?.[file];
  if (key === undefined) throw new Problem(jobErrors.NO_SUCH_FILE, `The job has no ${file} file`);
  return {
    statusCode: 302,
    headers: { location: await jobs.blobs.readUrl(key), 'cache-control': 'no-store' },
  };
});
