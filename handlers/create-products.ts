import { type Answer, answer } from '../src/core/jobs/answer.ts';
import { present, viewOf } from '../src/core/jobs/views/view.ts';
import { pendingProduct } from '../src/workloads/create-products/product-view.ts';
import type { CreateProductsRequest } from '../src/workloads/create-products/schema.ts';
import { warmUp } from '../src/workloads/create-products/workload.ts';
import { api, json } from './edge/api.ts';
import { apiBudget } from './edge/budget.ts';
import { log } from './edge/powertools.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { jobs } from './edge/runtime.ts';
import { productsSubmission } from './edge/submissions.ts';

// The model loads during the cold start, which no caller's budget pays for; a failure shows with the first photo.
warmUp().catch((error) => log.error('model not loaded', { error: String(error) }));

/** POST /create-products: what fits the caller's time is answered at once, the rest goes on elsewhere. */
export const handler = api(async (event, context, { tenant }) => {
  const submission = productsSubmission(event, tenant);
  const preference = parsePrefer(event.headers.prefer);
  const [invocation, times] = apiBudget(event, context, preference);
  const answered = await answer(jobs, invocation, submission, times);

  const view = viewOf(answered.state);
  const body = { ...view, products: await productsOf(submission.items, answered), timings: answered.timings };
  const applied = preferenceApplied(preference);
  if (view.status !== 'running') return json(200, withinLimit(body), applied);
  const headers = { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied };
  return json(202, withinLimit(body), headers);
});

async function productsOf(productGroups: CreateProductsRequest['productGroups'], { outcomes }: Answer) {
  const settled = new Map(outcomes.map((outcome) => [outcome.index, outcome]));
  return Promise.all(
    productGroups.map(({ productId }, index) => {
      const outcome = settled.get(index);
      return outcome ? present(jobs, 'create-products', outcome) : pendingProduct(index, productId);
    }),
  );
}

/** Lambda refuses an answer of more than 6 MB; some of that is for the envelope. */
const maxAnswerBytes = 5.5 * 2 ** 20;

/** Thousands of links can be too much for one answer: then they are left to `GET /jobs/{id}/results`, page by page. */
function withinLimit<Body extends { products: object[] }>(body: Body): Body {
  if (JSON.stringify(body).length < maxAnswerBytes) return body;
  return { ...body, products: body.products.map((product) => ({ ...product, images: [] })) };
}
