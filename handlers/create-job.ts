import type { Context } from 'aws-lambda';
import { answer } from '../src/jobs/answer.ts';
import { workloadOf } from '../src/jobs/room.ts';
import { submitFile } from '../src/jobs/submit-file.ts';
import { present, viewOf } from '../src/jobs/view.ts';
import type { Workload } from '../src/jobs/workload.ts';
import { type ApiEvent, api, type Caller, json } from './edge/api.ts';
import { apiBudget } from './edge/budget.ts';
import { idempotencyOf } from './edge/idempotency.ts';
import { check, parseBody } from './edge/input.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { fileJob, itemsJob, jobRequest } from './edge/requests.ts';
import { room, settings } from './edge/runtime.ts';
import { webhookApart } from './edge/webhook.ts';

/**
 * POST /jobs: a batch for any workload, out of the request or out of a file. A small one is done in the caller's time as
 * far as that goes, with its results.
 */
export const handler = api(async (event, context, caller) => {
  const body = parseBody(event, jobRequest);
  const workload = workloadOf(room, body.workload);
  const handle = 'key' in body.source ? submitted : answered;
  return handle(event, context, { ...caller, workload, body });
});

interface Given extends Caller {
  workload: Workload;
  body: unknown;
}

async function submitted(event: ApiEvent, context: Context, { tenant, workload, body }: Given) {
  const { source, output, options: given, maxWorkers } = check(fileJob(workload), body, detailOf(workload));
  const [, times] = apiBudget(event, context, { respondAsync: true });
  const job = await submitFile(
    room,
    {
      tenant,
      workload: workload.name,
      ...webhookApart(given),
      ...(maxWorkers !== undefined && { maxWorkers }),
      source: { key: source.key, ...(source.format && { format: source.format }) },
      output,
      ...idempotencyOf(event),
    },
    { waitUntil: times.replyBy, goneAt: times.goneAt },
  );
  const view = viewOf({ job, slices: [], tasks: [], settled: new Set() });
  return json(202, view, { location: `/jobs/${job.id}`, 'retry-after': '2' });
}

async function answered(event: ApiEvent, context: Context, { tenant, workload, body }: Given) {
  const { source, options: given, maxWorkers } = check(itemsJob(workload), body, detailOf(workload));
  const small = source.items.length <= settings.SPILLWAY_INLINE_ITEMS;
  const wanted = parsePrefer(event.headers.prefer);
  const [invocation, times] = apiBudget(event, context, small ? wanted : { ...wanted, respondAsync: true });
  const submission = {
    tenant,
    workload: workload.name,
    ...webhookApart(given),
    ...(maxWorkers !== undefined && { maxWorkers }),
    items: source.items,
    ...idempotencyOf(event),
  };
  const done = await answer(room, invocation, submission, times);

  const view = viewOf(done.state);
  const results = await Promise.all(done.outcomes.map((outcome) => present(room, workload.name, outcome)));
  const answerBody = { ...view, ...(small && { results }), timings: done.timings };
  const applied = preferenceApplied(wanted);
  if (view.status !== 'running') return json(200, answerBody, applied);
  return json(202, answerBody, { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied });
}

const detailOf = ({ name }: Workload) => `The body is not what ${name} takes`;
