import { api, json } from './edge/api.ts';
import { productNotFound } from './edge/problem.ts';
import { catalogIn } from './edge/products.ts';
import { jobs } from './edge/runtime.ts';

const catalog = catalogIn(jobs.workloads.values());

/** GET /products/{id}: a product, with links made now. */
export const handler = api(async (event, _context, { tenant }) => {
  const product = await catalog.entry(tenant, event.pathParameters?.id ?? '');
  if (!product) throw productNotFound();
  return json(200, product);
});
