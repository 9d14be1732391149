import * as z from 'zod';
import { companyOf, searchResults } from '../data/search-results.ts';
import { calm } from '../settings.ts';
import { type Api, type ApiDefinition, json, type Reply, type World } from './api.ts';
import { credential } from './credentials.ts';

const searchSchema = z.object({
  q: z.string().trim().min(1),
  gl: z.string().optional(),
  hl: z.string().optional(),
  num: z.number().int().min(1).max(100).optional(),
  page: z.number().int().min(1).optional(),
  location: z.string().optional(),
  autocorrect: z.boolean().optional(),
  tbs: z.string().optional(),
});

/** Google's results as JSON. The key `no-credits` belongs to an account that has none left. */
export const serper: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'log-normal', medianMs: 1000, sigma: 0.35 },
    // The smallest plan's.
    limits: { queries: { rate: 50, per: 'second', burst: 50 } },
  }),
  create,
};

function create({ random, poisonIn }: World): Api {
  return {
    failure: (status) => failure(status, messages[status] ?? 'Internal server error.'),
    // Without a Retry-After: how long to wait is the caller's guess.
    throttled: () => failure(429, 'Too many requests.'),
    routes: [
      {
        method: 'POST',
        path: '/search',
        operation: 'search',
        decide: (request) => {
          const key = request.header('x-api-key');
          if (credential(key) !== 'valid') return failure(403, 'Unauthorized.');
          if (key === 'no-credits') return failure(400, 'Not enough credits');
          const search = searchSchema.safeParse(request.json());
          if (!search.success) return failure(400, complaint(search.error));
          const { q, num = 10 } = search.data;
          return {
            keys: [q, ...poisonIn(q)],
            account: key ?? '',
            cost: { queries: 1 },
            answer: () =>
              json(200, {
                searchParameters: { ...search.data, type: 'search', num, engine: 'google' },
                ...searchResults(companyOf(q), num, random('serper', q.toLowerCase())),
                // More than ten results cost two credits.
                credits: num > 10 ? 2 : 1,
              }),
          };
        },
      },
    ],
  };
}

function failure(statusCode: number, message: string): Reply {
  return json(statusCode, { message, statusCode });
}

function complaint(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue?.path[0] === 'q') return 'Missing query parameter';
  return issue === undefined ? 'Bad request' : `${issue.path.join('.')}: ${issue.message}`;
}

const messages: Readonly<Record<number, string>> = {
  404: 'Not Found.',
  502: 'Bad gateway.',
  503: 'Service unavailable.',
};
