import { type Answer, answer } from '../src/core/jobs/answer.ts';
import type { ResultsPage, Room } from '../src/core/jobs/views/results.ts';
import { present } from '../src/core/jobs/views/view.ts';
import { continuation, roomBeside } from './edge/answer-size.ts';
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
  const head = { ...view, timings: answered.timings };
  const page = firstIn(await productsOf(submission.items, answered), roomBeside(head));
  const body = { ...head, products: page.results, ...continuation(view.jobId, page) };
  const applied = preferenceApplied(preference);
  if (view.status !== 'running') return json(200, body, applied);
  const headers = { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied };
  return json(202, body, headers);
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

/** The first products, as many as the answer can hold. */
function firstIn(products: readonly object[], room: Room): ResultsPage {
  const over = products.findIndex((product) => !room.take(product));
  return over === -1 ? { results: [...products] } : { results: products.slice(0, over), cursor: over - 1 };
}
