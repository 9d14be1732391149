import { type ApiOptions, defaultGatherMs, type GatherOptions, readAnswer } from '../../../core/http/api.ts';
import { createUpstream } from '../../../core/http/client.ts';
import { type Budgeted, type Coalescer, createCoalescer, type Found } from '../../../core/http/coalesce.ts';
import type { Call } from '../../../core/http/request.ts';
import { loadSplitting } from '../../../core/http/split.ts';
import { UpstreamError } from '../../../core/http/upstream-error.ts';
import { type Answer, httpVerdict, type Verdict } from '../../../core/http/verdict.ts';
import type { RateDefinition } from '../../../core/limits/rule.ts';
import { createAccessTokens, type LwaKey } from './lwa.ts';
import {
  type CatalogItem,
  type CompetitivePricing,
  catalogAnswer,
  type FeesEstimate,
  feesAnswer,
  pricingAnswer,
} from './sp-api-answers.ts';

export type SpApiOperation = 'searchCatalogItems' | 'getCompetitivePricing' | 'getMyFeesEstimates';

export type SpApiOptions = ApiOptions<LwaKey, SpApiOperation> &
  GatherOptions & {
    /** The marketplace of look-ups that name none, such as `ATVPDKIKX0DER` for amazon.com. */
    marketplaceId: string;
    /** One rate for the calls of all operations together, instead of one each. */
    total?: RateDefinition;
    /** Address that issues access tokens. Default: Amazon's. */
    authUrl?: string;
    /** Data sets of a catalog item to request. Default: those of {@link CatalogItem}. */
    includedData?: readonly string[];
  };

/** An offer to estimate the fees of. */
export interface FeesQuery {
  asin: string;
  price: { amount: number; currency: string };
  shipping?: { amount: number; currency: string };
  /** Fulfilled by Amazon. */
  isAmazonFulfilled: boolean;
}

/**
 * Amazon's Selling Partner API. Single look-ups are gathered into calls for up to 20 products of one marketplace;
 * each gets its own answer or error. Throws what {@link createUpstream} throws.
 */
export interface SpApi {
  /** Undefined for an ASIN that is not in the marketplace. */
  catalogItem: LookUp<string, CatalogItem | undefined>;
  /** Throws `NO_DATA` for a product without prices. */
  competitivePricing: LookUp<string, CompetitivePricing>;
  /** Throws `NO_DATA` for a product without fees. */
  feesEstimate: LookUp<FeesQuery, FeesEstimate>;
  close(): Promise<void>;
}

type LookUp<Key, Value> = (key: Key, budget: Budgeted, marketplaceId?: string) => Promise<Value>;

/** Most look-ups in one call to any of these operations (SP-API documentation). */
export const spApiLookUps = 20;
/** Rate per second and burst, by application and seller (SP-API documentation, usage plans). */
export const spApiRates = {
  searchCatalogItems: { perSecond: 2, burst: 2 },
  getCompetitivePricing: { perSecond: 0.5, burst: 1 },
  getMyFeesEstimates: { perSecond: 0.5, burst: 1 },
} as const satisfies Record<SpApiOperation, RateDefinition>;
/**
 * The rates limit the calls. Concurrency is high so that calls waiting for one operation's rate do not block
 * another's.
 */
const concurrency = { min: 100, max: 100 };
/** A call never counts as more units than this, whatever limit an answer reports. */
const mostUnits = 10;
const dataSets = ['attributes', 'dimensions', 'identifiers', 'images', 'salesRanks', 'summaries'];

export function createSpApi(options: SpApiOptions): SpApi {
  const { key, authUrl, deps, total, tuning, gatherMs = defaultGatherMs } = options;
  const name = options.name ?? 'sp-api';
  const rates: Record<string, RateDefinition> = total
    ? { calls: total }
    : { ...spApiRates, ...options.rates };
  const tokens = createAccessTokens({
    ...{ key, deps, name: `${name}-auth` },
    ...(authUrl !== undefined && { baseUrl: authUrl }),
  });
  const upstream = createUpstream(
    {
      name,
      baseUrl: options.baseUrl ?? 'https://sellingpartnerapi-na.amazon.com',
      rates,
      concurrency,
      ...tuning,
      judge: (answer) => (total ? httpVerdict(answer) : judge(answer, rates)),
    },
    deps,
  );

  /** Makes a call with a token, and again with a new one if the API refuses the first as too old. */
  const call = async (operation: SpApiOperation, what: Omit<Call, keyof Budgeted>, budget: Budgeted) => {
    const withToken = (token: string) =>
      upstream.call({
        ...what,
        ...budget,
        headers: { 'x-amz-access-token': token },
        takes: { [total ? 'calls' : operation]: 1 },
        repeatable: true,
      });
    const token = await tokens.get(budget);
    try {
      return await withToken(token);
    } catch (error) {
      const refused = error instanceof UpstreamError && error.code === 'CREDENTIALS_REFUSED';
      if (!refused || !tokens.refused(token)) throw error;
      return withToken(await tokens.get(budget));
    }
  };

  /** Gathers single look-ups into calls, each for one marketplace. */
  const gather = <Key, Value>(
    load: (keys: readonly Key[], budget: Budgeted, marketplace: string) => Promise<readonly Found<Value>[]>,
  ): LookUp<Key, Value> => {
    const gathering = new Map<string, Coalescer<Key, Value>>();
    const open = (marketplace: string) => {
      const opened = createCoalescer<Key, Value>({
        size: spApiLookUps,
        maxWaitMs: gatherMs,
        clock: deps.clock,
        load(keys, budget) {
          deps.metrics.count(`${name}/LookUps`, keys.length);
          return loadSplitting(keys, (part) => load(part, budget, marketplace));
        },
      });
      gathering.set(marketplace, opened);
      return opened;
    };
    return (key, budget, marketplace = options.marketplaceId) =>
      (gathering.get(marketplace) ?? open(marketplace)).get(key, budget);
  };

  const failed = (status: string, about: string): Found<never> => {
    const code = status === 'ClientError' ? 'NO_DATA' : 'UPSTREAM_FAILED';
    const message = `${name}: ${about}`;
    return { error: new UpstreamError(code, message, { details: { upstream: name } }) };
  };

  const catalog = gather<string, CatalogItem | undefined>(async (asins, budget, marketplaceId) => {
    const query = {
      identifiers: unique(asins).join(','),
      identifiersType: 'ASIN',
      marketplaceIds: marketplaceId,
      includedData: (options.includedData ?? dataSets).join(','),
      // By default, a page holds half of what a call may ask for.
      pageSize: spApiLookUps,
    };
    const divisible = asins.length > 1;
    const answer = await call(
      'searchCatalogItems',
      { path: 'catalog/2022-04-01/items', query, divisible },
      budget,
    );
    const { items } = readAnswer(name, catalogAnswer, answer);
    const byAsin = new Map(items.map((item) => [item.asin, item]));
    return asins.map((asin) => ({ value: byAsin.get(asin) }));
  });

  const pricing = gather<string, CompetitivePricing>(async (asins, budget, marketplaceId) => {
    const query = { MarketplaceId: marketplaceId, ItemType: 'Asin', Asins: unique(asins).join(',') };
    const path = 'products/pricing/v0/competitivePrice';
    const divisible = asins.length > 1;
    const answer = await call('getCompetitivePricing', { path, query, divisible }, budget);
    const { payload } = readAnswer(name, pricingAnswer, answer);
    const byAsin = new Map(payload.map((entry) => [entry.ASIN, entry]));
    return asins.map((asin) => {
      const { status = 'missing', Product } = byAsin.get(asin) ?? {};
      return Product ? { value: Product } : failed(status, `the pricing of ${asin} is ${status}`);
    });
  });

  const fees = gather<FeesQuery, FeesEstimate>(async (queries, budget, marketplaceId) => {
    const json = queries.map(({ asin, price, shipping, isAmazonFulfilled }, place) => ({
      FeesEstimateRequest: {
        MarketplaceId: marketplaceId,
        IsAmazonFulfilled: isAmazonFulfilled,
        PriceToEstimateFees: {
          ListingPrice: { CurrencyCode: price.currency, Amount: price.amount },
          ...(shipping && { Shipping: { CurrencyCode: shipping.currency, Amount: shipping.amount } }),
        },
        Identifier: String(place),
      },
      IdType: 'ASIN',
      IdValue: asin,
    }));
    const divisible = queries.length > 1;
    const answer = await call(
      'getMyFeesEstimates',
      { path: 'products/fees/v0/feesEstimate', json, divisible },
      budget,
    );
    const entries = readAnswer(name, feesAnswer, answer);
    const byPlace = new Map(
      entries.map((entry) => [entry.FeesEstimateIdentifier?.SellerInputIdentifier, entry]),
    );
    return queries.map(({ asin }, place) => {
      const { Status = 'missing', FeesEstimate, Error: reason } = byPlace.get(String(place)) ?? {};
      if (FeesEstimate) return { value: FeesEstimate };
      return failed(Status, `the fees of ${asin} are ${Status}: ${reason?.Message ?? 'no reason given'}`);
    });
  });

  return {
    catalogItem: catalog,
    competitivePricing: pricing,
    feesEstimate: fees,
    async close() {
      await Promise.all([upstream.close(), tokens.close()]);
    },
  };
}

/**
 * `QuotaExceeded` is a 429 without a time. Other answers may report the seller's actual limit: if it is lower than
 * the configured one, a call counts as more than one unit. A higher limit has to be set in `rates`.
 */
function judge(answer: Answer, rates: Readonly<Record<string, RateDefinition>>): Verdict {
  const verdict = httpVerdict(answer);
  const limit = Number(answer.headers['x-amzn-ratelimit-limit']);
  if (verdict.kind !== 'fine' || !(limit > 0)) return verdict;
  const spent = Object.entries(rates).map(([operation, { perSecond, perMinute }]) => {
    const kept = perSecond ?? (perMinute ?? 60) / 60;
    return [operation, Math.min(mostUnits, Math.max(1, kept / limit))];
  });
  return { ...verdict, spent: Object.fromEntries(spent) };
}

function unique(asins: readonly string[]): string[] {
  return [...new Set(asins)];
}
