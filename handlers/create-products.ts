import { type Answer, answer } from '../src/core/jobs/answer.ts';
import { present } from '../src/core/jobs/views/view.ts';
import { api, json } from './edge/api.ts';
import { apiBudget } from './edge/budget.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { productsIn } from './edge/products.ts';
import { jobs } from './edge/runtime.ts';
import { productsSubmission } from './edge/submissions.ts';
import { viewHere } from './edge/views.ts';
import { warmUp } from './edge/warm-up.ts';

const workload = productsIn(jobs.workloads.values());
warmUp([workload]);

/** POST /create-products: answers what fits the caller's time at once; the rest overflows to other workers. */
export const handler = api(async (event, context, { tenant }) => {
  const submission = productsSubmission(event, tenant);
  const preference = parsePrefer(event.headers.prefer);
  const [invocation, times] = apiBudget(event, context, preference);
  const answered = await answer(jobs, invocation, submission, times);

  const view = viewHere(answered.state);
  const body = { ...view, products: await productsOf(submission.items, answered), timings: answered.timings };
  const applied = preferenceApplied(preference);
  if (view.status !== 'running') return json(200, withinLimit(body), applied);
  const headers = { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied };
  return json(202, withinLimit(body), headers);
});

async function productsOf(groups: readonly unknown[], { outcomes }: Answer): Promise<object[]> {
  const settled = new Map(outcomes.map((outcome) => [outcome.index, outcome]));
  return Promise.all(
    groups.map((group, index) => {
      const outcome = settled.get(index);
      if (outcome) return present(jobs, workload.name, outcome);
      return workload.view?.pending?.(index, workload.idOf?.(group)) ?? { index };
    }),
  );
}

/** Lambda refuses an answer above 6 MB; the envelope takes part of that. */
const maxAnswerBytes = 5.5 * 2 ** 20;

/** Thousands of links can exceed one answer. They are then left to `GET /jobs/{id}/results`, page by page. */
function withinLimit<Body extends { products: object[] }>(body: Body): Body {
  if (JSON.stringify(body).length < maxAnswerBytes) return body;
  return { ...body, products: body.products.map((product) => ({ ...product, images: [] })) };
}
