import * as z from 'zod';
import { hash, hex } from '../physics/chance.ts';
import { calm } from '../settings.ts';
import { type Api, type ApiDefinition, json, type World } from './api.ts';
import { retryAfter } from './retry-after.ts';

const batchSchema = z.object({ ids: z.array(z.string().min(1)).min(1).max(100) });

/** A neutral API, nobody's in particular: items by id, singly or up to 100 in a call. It asks for no key. */
export const plain: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'constant', ms: 50 },
    limits: { requests: { rate: 100, per: 'second', burst: 100 } },
  }),
  create,
};

function create({ time, random, poisoned, settings }: World): Api {
  const item = (id: string) => ({
    id,
    name: `Item ${id}`,
    value: hash(id) % 1000,
    etag: hex(random('plain', id), 16),
  });

  const error = (status: number) => ({ code: codes[status] ?? 'FAILED', message: `Answered ${status}` });

  return {
    failure: (status) => json(status, { error: error(status) }),
    throttled: ({ waitMs }) => json(429, { error: error(429) }, { 'retry-after': retryAfter(time, waitMs) }),
    routes: [
      {
        method: 'GET',
        path: '/items/:id',
        operation: 'getItem',
        decide: (request) => ({
          keys: [request.param('id')],
          cost: { requests: 1 },
          answer: () => json(200, item(request.param('id'))),
        }),
      },
      {
        method: 'POST',
        path: '/items',
        operation: 'getItems',
        decide: (request) => {
          const body = batchSchema.safeParse(request.json());
          if (!body.success) {
            return json(400, { error: { code: 'BAD_REQUEST', message: z.prettifyError(body.error) } });
          }
          const { ids } = body.data;
          const part = (id: string) => {
            const status = poisoned(id) ? settings().errors.keyStatus : 200;
            return status === 200 ? { id, status, item: item(id) } : { id, status, error: error(status) };
          };
          return {
            keys: ids,
            cost: { requests: 1 },
            errorPerKey: true,
            answer: () => json(200, { items: ids.map(part) }),
          };
        },
      },
    ],
  };
}

const codes: Readonly<Record<number, string>> = {
  404: 'NOT_FOUND',
  429: 'RATE_LIMITED',
  500: 'INTERNAL_ERROR',
  503: 'UNAVAILABLE',
};
