import type { CatalogEntry } from '../src/core/jobs/catalog.ts';
import { roomBeside } from './edge/answer-size.ts';
import { api, json } from './edge/api.ts';
import { parseQuery } from './edge/input.ts';
import { catalogIn, productsQuery } from './edge/products.ts';
import { jobs } from './edge/runtime.ts';

const catalog = catalogIn(jobs.workloads.values());

/** GET /products: the tenant's products in the order of their ids, page by page. */
export const handler = api(async (event, _context, { tenant }) => {
  const { limit, cursor } = parseQuery(event, productsQuery);
  const room = roomBeside({});
  const products: CatalogEntry[] = [];
  for await (const product of catalog.entries(tenant, limit + 1, cursor)) {
    // A product always fits an empty answer: the schema of its metadata sees to that.
    if (products.length === limit || !room.take(product))
      return json(200, { products, cursor: products.at(-1)?.catalogId });
    products.push(product);
  }
  return json(200, { products });
});
