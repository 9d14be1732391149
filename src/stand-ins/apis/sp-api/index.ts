import { describeProduct } from '../../data/amazon-products.ts';
import { hex } from '../../physics/chance.ts';
import { calm } from '../../settings.ts';
import { readAccessToken } from '../amazon-token.ts';
import type { Api, ApiDefinition, ApiRequest, Reply, Route, World } from '../api.ts';
import { getCatalogItem, searchCatalogItems } from './catalog.ts';
import { getCompetitivePricing } from './competitive-pricing.ts';
import { failure, unauthorized } from './errors.ts';
import { getMyFeesEstimates } from './fees.ts';
import { getItemOffersBatch } from './item-offers.ts';
import type { Catalog, Operation } from './operation.ts';

/** The Selling Partner API: each operation has a limit of its own, of its name. */
export const spApi: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'log-normal', medianMs: 300, sigma: 0.3 },
    limits: {
      searchCatalogItems: { rate: 2, per: 'second', burst: 2 },
      getCatalogItem: { rate: 2, per: 'second', burst: 2 },
      getCompetitivePricing: { rate: 0.5, per: 'second', burst: 1 },
      getItemOffersBatch: { rate: 0.1, per: 'second', burst: 1 },
      getMyFeesEstimates: { rate: 0.5, per: 'second', burst: 1 },
      // Of all operations together: none unless it is set.
      calls: null,
    },
  }),
  create,
};

const operations: readonly Operation[] = [
  searchCatalogItems,
  getCatalogItem,
  getCompetitivePricing,
  getItemOffersBatch,
  getMyFeesEstimates,
];

function create({ time, limits, random, poisoned }: World): Api {
  const catalog: Catalog = { poisoned, product: (asin) => describeProduct(asin, random('amazon', asin)) };
  let replies = 0;

  function authorize(request: ApiRequest): { account: string } | Reply {
    const token = request.header('x-amz-access-token');
    if (token === undefined) return unauthorized('Access token is missing in the request header.');
    const claims = readAccessToken(token, time.epochMs());
    if (claims === 'expired') return unauthorized('The access token you provided has expired.');
    return claims ?? unauthorized('The access token you provided is revoked, malformed or invalid.');
  }

  const route = ({ name, method, path, decide }: Operation): Route => ({
    method,
    path,
    operation: name,
    decide: (request) => {
      const claims = authorize(request);
      if ('status' in claims) return claims;
      const decision = decide(request, catalog);
      const plan = 'answer' in decision ? decision : { keys: [], answer: () => decision };
      return { ...plan, account: claims.account, cost: { [name]: 1, calls: 1 } };
    },
  });

  /** The limit, where the real API tells it: not on a 429. */
  function rateHeader({ status }: Reply, operation: string, account = ''): Record<string, string> {
    const limit = limits.bucket(operation, account)?.limit;
    if (limit === undefined || !(status < 300 || status === 400 || status === 404)) return {};
    const rate = limit.rate / time.scale;
    return { 'x-amzn-ratelimit-limit': Number.isInteger(rate) ? `${rate}.0` : String(rate) };
  }

  return {
    routes: operations.map(route),
    failure: (status) => {
      if (status === 404) return failure(404, 'NotFound', 'The requested resource does not exist.');
      if (status === 503) return failure(503, 'ServiceUnavailable', 'Service is temporarily unavailable.');
      return failure(status, 'InternalFailure', 'We encountered an internal error. Please try again.');
    },
    // Without a Retry-After, as the real one.
    throttled: () => failure(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.'),
    finish: (reply, { operation, account }) => {
      replies += 1;
      const id = { 'x-amzn-requestid': hex(random('sp-api', replies), 32) };
      return { ...reply, headers: { ...reply.headers, ...id, ...rateHeader(reply, operation, account) } };
    },
  };
}
