import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { answer } from '../src/jobs/answer.ts';
import type { JobOutput } from '../src/jobs/job.ts';
import { workloadOf } from '../src/jobs/room.ts';
import type { Submission } from '../src/jobs/submit.ts';
import { submitFile } from '../src/jobs/submit-file.ts';
import { present, viewOf } from '../src/jobs/view.ts';
import { type ApiEvent, api, json } from './edge/api.ts';
import { apiBudget } from './edge/budget.ts';
import { check } from './edge/input.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { room, settings } from './edge/runtime.ts';
import { detailOf, type FileSource, type Given, itemsSubmission, jobRequest } from './edge/submissions.ts';

/**
 * POST /jobs: a batch for any workload, out of the request or out of a file. A small one is done in the caller's time as
 * far as that goes, with its results.
 */
export const handler = api(async (event, context, { tenant }) => {
  const { given, source, output } = jobRequest(event, tenant);
  return 'key' in source
    ? submitted(event, context, { ...given, source, output })
    : answered(event, context, itemsSubmission(given, source));
});

async function submitted(
  event: ApiEvent,
  context: Context,
  given: Given & { source: FileSource; output: JobOutput },
) {
  const workload = workloadOf(room, given.workload);
  const { options } = check(z.object({ options: workload.options }), given, detailOf(given));
  const [, times] = apiBudget(event, context, { respondAsync: true });
  const { format, key } = given.source;
  const job = await submitFile(
    room,
    { ...given, options, source: { key, ...(format && { format }) } },
    { waitUntil: times.replyBy, goneAt: times.goneAt },
  );
  const view = viewOf({ job, slices: [], tasks: [], settled: new Set() });
  return json(202, view, { location: `/jobs/${job.id}`, 'retry-after': '2' });
}

async function answered(event: ApiEvent, context: Context, submission: Submission) {
  const small = submission.items.length <= settings.SPILLWAY_INLINE_ITEMS;
  const wanted = parsePrefer(event.headers.prefer);
  const [invocation, times] = apiBudget(event, context, small ? wanted : { ...wanted, respondAsync: true });
  const done = await answer(room, invocation, submission, times);

  const view = viewOf(done.state);
  const results = await Promise.all(
    done.outcomes.map((outcome) => present(room, submission.workload, outcome)),
  );
  const body = { ...view, ...(small && { results }), timings: done.timings };
  const applied = preferenceApplied(wanted);
  if (view.status !== 'running') return json(200, body, applied);
  return json(202, body, { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied });
}
