import { type AnswerPart, streamAnswer } from '../src/core/jobs/answer-stream.ts';
import type { Submission } from '../src/core/jobs/submit.ts';
import { heartbeat, withHeartbeats } from '../src/core/jobs/views/heartbeats.ts';
import { present } from '../src/core/jobs/views/view.ts';
import { toJson } from '../src/core/json/text.ts';
import type { ApiEvent } from './edge/api.ts';
import { arrivalOf, streamBudget, streamUntil } from './edge/budget.ts';
import { edgeErrors } from './edge/edge-errors.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { Problem } from './edge/problem.ts';
import { jobs, settings } from './edge/runtime.ts';
import { bodyOf, expectCall, heartbeatMs, streamed, streamHeaders } from './edge/streamed.ts';
import { filesSubmission, itemsSubmission, jobCall, productsSubmission } from './edge/submissions.ts';
import { viewHere } from './edge/views.ts';
import { warmUp } from './edge/warm-up.ts';

warmUp(jobs.workloads.values());

/** POST /create-products and POST /jobs, answered in JSON Lines: the job, each item's outcome as it settles, the end. */
export const handler = streamed(async (event, context, { tenant }) => {
  const submission = await submissionOf(event, tenant);
  const wanted = parsePrefer(event.headers.prefer);
  const small = event.rawPath === productsPath || submission.items.length <= settings.SPILLWAY_INLINE_ITEMS;
  const [invocation, times] = streamBudget(context, small ? wanted : { ...wanted, respondAsync: true });
  const { respondAsync, waitSeconds = Number.POSITIVE_INFINITY } = wanted;
  const patience = respondAsync ? 0 : arrivalOf(event) + waitSeconds * 1000;
  const until = Math.min(streamUntil(context), patience);

  const gone = new AbortController();
  const parts = streamAnswer(jobs, invocation, submission, { ...times, until }, gone.signal);
  // Until the job exists, an error can still be an HTTP status.
  const first = await parts.next();
  if (first.done || first.value.kind !== 'job') throw new Error('An answer begins with its job');
  const { job } = first.value;
  const headers = {
    ...streamHeaders('application/x-ndjson'),
    location: `/jobs/${job.id}`,
    ...preferenceApplied(wanted),
  };
  const view = viewHere({ job, slices: [], tasks: [], settled: new Set() });
  const begins = { type: 'job', ...view };
  return { statusCode: 200, headers, body: bodyOf(parts, gone, (rest) => lines(begins, job.workload, rest)) };
});

/** Its answer has a place for each item, for any number of items. */
const productsPath = '/create-products';

async function submissionOf(event: ApiEvent, tenant: string): Promise<Submission> {
  expectCall(event, 'POST', /^\/(create-products|jobs)$/);
  if (event.rawPath === productsPath) return productsSubmission(event, tenant);
  const call = jobCall(event, tenant);
  if ('items' in call.body.source) return itemsSubmission(call);
  if (!('key' in call.body.source)) return filesSubmission(call);
  throw new Problem(
    edgeErrors.NOT_ACCEPTABLE,
    'The outcomes of a file cannot be streamed: accept application/json, and follow GET /jobs/{id}/events',
  );
}

async function* lines(
  first: object,
  workload: string,
  parts: AsyncGenerator<AnswerPart>,
): AsyncGenerator<string> {
  yield line(first);
  for await (const part of withHeartbeats(jobs.clock, heartbeatMs, parts)) {
    if (part === heartbeat) yield line({ type: 'heartbeat' });
    else if (part.kind === 'outcome') {
      yield line({ type: 'outcome', ...(await present(jobs, workload, part.outcome)) });
    } else if (part.kind === 'end') {
      const view = viewHere(part.state);
      const { jobId } = view;
      const next = { location: `/jobs/${jobId}`, events: `/jobs/${jobId}/events`, retryAfter: 2 };
      yield line({ type: 'end', ...view, ...(view.status === 'running' && { next }) });
    }
  }
}

const line = (value: object) => `${toJson(value)}\n`;
