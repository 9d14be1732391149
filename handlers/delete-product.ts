import { api } from './edge/api.ts';
import { catalogIn } from './edge/products.ts';
import { jobs } from './edge/runtime.ts';

const catalog = catalogIn(jobs.workloads.values());

/** DELETE /products/{id}: removes a product and its pictures. Repeating it changes nothing. */
export const handler = api(async (event, _context, { tenant }) => {
  await catalog.remove(tenant, event.pathParameters?.id ?? '');
  return { statusCode: 204 };
});
