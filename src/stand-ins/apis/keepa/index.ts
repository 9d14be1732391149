import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { describeProduct } from '../../data/amazon-products.ts';
import { calm } from '../../settings.ts';
import { type Api, type ApiDefinition, type ApiRequest, json, type Reply, type World } from '../api.ts';
import { credential } from '../credentials.ts';
import { keepaProduct } from './product.ts';

/** Keepa's price histories. Tokens come back once a minute, and a call may cost more than there are. */
export const keepa: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'log-normal', medianMs: 500, sigma: 0.4 },
    // The smallest plan's. What is not used within an hour is lost.
    limits: {
      tokens: { rate: 20, per: 'minute', burst: 1200, refill: 'stepped', overdraft: true },
      // Of calls, however many products they are about: none unless it is set.
      calls: null,
    },
  }),
  create,
};

const maxAsins = 100;

const productSchema = z.object({
  domain: z.coerce.number().int().min(1).max(12),
  asin: z
    .string()
    .transform((text) => text.split(',').map((asin) => asin.trim()))
    .pipe(z.array(z.string().min(1)).min(1).max(maxAsins)),
  stats: z.coerce.number().int().min(1).max(3650).optional(),
  history: z.enum(['0', '1']).default('1'),
});

function create({ time, limits, random }: World): Api {
  /** What every answer begins with. */
  function envelope(account: string, tokensConsumed: number) {
    const bucket = limits.bucket('tokens', account);
    const now = time.now();
    return {
      timestamp: time.epochMs(),
      // Without a limit there is always enough.
      tokensLeft: bucket === undefined ? 1_000_000 : Math.floor(bucket.left(now)),
      refillIn: bucket === undefined ? 0 : Math.ceil(time.toReal(bucket.msUntilRefill(now))),
      refillRate: bucket === undefined ? 0 : bucket.limit.rate / time.scale,
      tokenFlowReduction: 0,
      tokensConsumed,
      processingTimeInMs: 5,
    };
  }

  function failure(status: number, account: string, type: string, message: string): Reply {
    return json(status, { ...envelope(account, 0), error: { type, message, details: '' } });
  }

  /** The account that a request is made for, or why it is refused. */
  function authorize(request: ApiRequest): string | Reply {
    const key = request.query('key');
    if (credential(key) === 'valid') return key ?? '';
    return failure(402, '', 'accessDenied', 'Access denied. Check your API key.');
  }

  return {
    failure: (status) =>
      status === 404
        ? failure(404, '', 'notFound', 'There is no such request.')
        : failure(status, '', 'internalServerError', 'The request could not be processed.'),
    throttled: ({ account }) => json(429, envelope(account, 0)),
    // Always compressed, whatever the caller accepts.
    finish: ({ status, headers, body }) => ({
      status,
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: gzipSync(body, { level: 1 }),
    }),
    routes: [
      {
        method: 'GET',
        path: '/token',
        operation: 'token',
        decide: (request) => {
          const account = authorize(request);
          if (typeof account !== 'string') return account;
          return { keys: [], account, cost: {}, answer: () => json(200, envelope(account, 0)) };
        },
      },
      {
        method: 'GET',
        path: '/product',
        operation: 'product',
        decide: (request) => {
          const account = authorize(request);
          if (typeof account !== 'string') return account;
          const names = Object.keys(productSchema.shape);
          const query = productSchema.safeParse(
            Object.fromEntries(names.map((name) => [name, request.query(name)])),
          );
          if (!query.success) {
            return failure(400, account, 'invalidParameter', z.prettifyError(query.error));
          }
          const { asin: asins, domain, stats: statsDays, history } = query.data;
          return {
            keys: asins,
            account,
            cost: { tokens: asins.length, calls: 1 },
            answer: () =>
              json(200, {
                ...envelope(account, asins.length),
                products: asins.map((asin) =>
                  keepaProduct(
                    asin,
                    { domain, statsDays, history: history === '1' },
                    (known) => describeProduct(known, random('amazon', known)),
                    time.epochMs(),
                    random('keepa', asin),
                  ),
                ),
              }),
          };
        },
      },
    ],
  };
}
