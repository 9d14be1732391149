import { z } from 'zod';
import { answer } from '../src/jobs/answer.ts';
import { workloadOf } from '../src/jobs/room.ts';
import { present, viewOf } from '../src/jobs/view.ts';
import { api, json } from './edge/api.ts';
import { apiBudget } from './edge/budget.ts';
import { idempotencyOf } from './edge/idempotency.ts';
import { check, parseBody } from './edge/input.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { room, settings } from './edge/runtime.ts';

const request = z.strictObject({
  workload: z.string(),
  source: z.strictObject({ items: z.array(z.unknown()).min(1).max(10_000) }),
  options: z.unknown().optional(),
});

/** POST /jobs: a batch for any workload. A small one is done in the caller's time as far as that goes, with its results. */
export const handler = api(async (event, context, { tenant }) => {
  const { workload: name, source, options = {} } = parseBody(event, request);
  const workload = workloadOf(room, name);
  const checked = check(
    z.object({ source: z.object({ items: z.array(workload.item) }), options: workload.options }),
    { source, options },
    `The body is not what ${name} takes`,
  );
  const { items } = checked.source;
  const small = items.length <= settings.SPILLWAY_INLINE_ITEMS;
  const wanted = parsePrefer(event.headers.prefer);
  const preference = small ? wanted : { ...wanted, respondAsync: true };
  const [invocation, times] = apiBudget(event, context, preference);
  const submission = { tenant, workload: name, items, options: checked.options, ...idempotencyOf(event) };
  const answered = await answer(room, invocation, submission, times);

  const view = viewOf(answered.state);
  const results = await Promise.all(answered.outcomes.map((outcome) => present(room, name, outcome)));
  const body = { ...view, ...(small && { results }), timings: answered.timings };
  const applied = preferenceApplied(wanted);
  if (view.status !== 'running') return json(200, body, applied);
  return json(202, body, { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied });
});
