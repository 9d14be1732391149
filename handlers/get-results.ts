import { z } from 'zod';
import { resultsOf, stateFor } from '../src/jobs/view.ts';
import { api, json } from './edge/api.ts';
import { parseQuery } from './edge/input.ts';
import { jobNotFound } from './edge/problem.ts';
import { room } from './edge/runtime.ts';

const query = z.strictObject({
  /** `created` is what create-products calls its successes. */
  status: z
    .enum(['succeeded', 'created', 'failed', 'cancelled'])
    .transform((status) => (status === 'created' ? 'succeeded' : status))
    .optional(),
  limit: z.coerce.number('must be a number').int().min(1).max(200).default(100),
  cursor: z.coerce.number('must be the cursor of an earlier page').int().min(-1).default(-1),
});

/** GET /jobs/{id}/results: outcomes so far in the order of the items, page by page. */
export const handler = api(async (event, _context, { tenant }) => {
  const { status, limit, cursor } = parseQuery(event, query);
  const state = await stateFor(room, tenant, event.pathParameters?.id ?? '');
  if (!state) throw jobNotFound();
  const page = await resultsOf(room, state, { status, limit, after: cursor });
  return json(200, {
    results: page.results,
    ...(page.cursor !== undefined && { cursor: String(page.cursor) }),
  });
});
