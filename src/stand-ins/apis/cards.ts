import * as z from 'zod';
import { recommendCards } from '../data/cards.ts';
import { calm } from '../settings.ts';
import { type Api, type ApiDefinition, json, type Reply, type World } from './api.ts';
import { bearer, credential } from './credentials.ts';
import { retryAfter } from './retry-after.ts';

const requestSchema = z.object({
  userId: z.union([z.string().min(1), z.number().int()]).transform(String),
  spending: z.record(z.string(), z.number().min(0)),
});

/** A private service: one POST per user, slow, and with long answers. The key comes as bearer token or as x-api-key. */
export const cards: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'log-normal', medianMs: 2700, sigma: 0.15 },
    limits: { requests: { rate: 25, per: 'second', burst: 25 } },
    capacity: { servers: 100, queue: 200 },
  }),
  create,
};

function create({ time, random }: World): Api {
  return {
    failure: (status) => failure(status, codes[status] ?? 'internal_error', 'The request failed.'),
    throttled: ({ waitMs }) =>
      failure(429, 'rate_limited', 'Too many requests.', { 'retry-after': retryAfter(time, waitMs) }),
    routes: [
      {
        method: 'POST',
        path: '/recommendations',
        operation: 'recommend',
        decide: (request) => {
          const key = bearer(request.header('authorization')) ?? request.header('x-api-key');
          if (credential(key) !== 'valid')
            return failure(401, 'unauthorized', 'A valid API key is required.');
          const body = requestSchema.safeParse(request.json());
          if (!body.success) return failure(400, 'invalid_request', z.prettifyError(body.error));
          const { userId, spending } = body.data;
          return {
            keys: [userId],
            account: key ?? '',
            cost: { requests: 1 },
            answer: () => json(200, recommendCards(userId, spending, random('cards', userId))),
          };
        },
      },
    ],
  };
}

function failure(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return json(status, { error: { code, message } }, headers);
}

const codes: Readonly<Record<number, string>> = { 404: 'not_found', 502: 'bad_gateway', 503: 'unavailable' };
