import * as z from 'zod';
import { mergePatch } from '../src/core/json/merge-patch.ts';
import { api, json } from './edge/api.ts';
import { edgeErrors } from './edge/edge-errors.ts';
import { check, parseBody } from './edge/input.ts';
import { Problem, productNotFound } from './edge/problem.ts';
import { catalogIn, productPatch } from './edge/products.ts';
import { jobs } from './edge/runtime.ts';

const catalog = catalogIn(jobs.workloads.values());

/** PATCH /products/{id}: merges the body into the product's metadata (RFC 7396). */
export const handler = api(async (event, _context, { tenant }) => {
  const patch = parseBody(event, productPatch);
  const product = await catalog.change(tenant, event.pathParameters?.id ?? '', (metadata, schema) => {
    const merged = { metadata: mergePatch(metadata, patch.metadata) };
    return check(z.object({ metadata: schema }), merged, 'The product would not fit the schema').metadata;
  });
  if (product === 'missing') throw productNotFound();
  if (product === 'busy')
    throw new Problem(edgeErrors.PRODUCT_BUSY, 'The product kept changing while this change was made');
  return json(200, product);
});
