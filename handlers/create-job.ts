import type { Context } from 'aws-lambda';
import { answer } from '../src/core/jobs/answer.ts';
import type { Submission } from '../src/core/jobs/submit.ts';
import { submitFile } from '../src/core/jobs/submit-file.ts';
import { firstOf } from '../src/core/jobs/views/results.ts';
import { continuation, roomBeside } from './edge/answer-size.ts';
import { api, json } from './edge/api.ts';
import { apiBudget } from './edge/budget.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { jobs, settings } from './edge/runtime.ts';
import {
  fileSubmission,
  filesSubmission,
  itemsSubmission,
  type JobCall,
  jobCall,
} from './edge/submissions.ts';
import { viewHere } from './edge/views.ts';

/**
 * POST /jobs: a batch for any workload, from items in the request, the rows of a file, or files themselves. As far
 * as possible, a small one finishes while its caller waits, and the answer holds its results.
 */
export const handler = api(async (event, context, { tenant }) => {
  const call = jobCall(event, tenant);
  const { source } = call.body;
  if ('key' in source) return submitted(call, context);
  const submission = 'items' in source ? itemsSubmission(call) : await filesSubmission(call);
  return answered(call, context, submission);
});

async function submitted(call: JobCall, context: Context) {
  const [, times] = apiBudget(call.event, context, { respondAsync: true });
  const submission = fileSubmission(call);
  const job = await submitFile(jobs, submission, { waitUntil: times.replyBy, goneAt: times.goneAt });
  const view = viewHere({ job, slices: [], tasks: [], settled: new Set() });
  return json(202, view, { location: `/jobs/${job.id}`, 'retry-after': '2' });
}

async function answered(call: JobCall, context: Context, submission: Submission) {
  const small = submission.items.length <= settings.SPILLWAY_INLINE_ITEMS;
  const wanted = parsePrefer(call.event.headers.prefer);
  const preference = small ? wanted : { ...wanted, respondAsync: true };
  const [invocation, times] = apiBudget(call.event, context, preference);
  const done = await answer(jobs, invocation, submission, times);

  const view = viewHere(done.state);
  const head = { ...view, timings: done.timings };
  const page = small && (await firstOf(jobs, submission.workload, done.outcomes, roomBeside(head)));
  const body = { ...head, ...(page && { results: page.results, ...continuation(view.jobId, page) }) };
  const applied = preferenceApplied(wanted);
  if (view.status !== 'running') return json(200, body, applied);
  return json(202, body, { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied });
}
