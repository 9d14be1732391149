import * as z from 'zod';
import { type ApiOptions, defaultGatherMs, type GatherOptions, readAnswer } from '../../../core/http/api.ts';
import { createUpstream } from '../../../core/http/client.ts';
import { type Budgeted, type Coalescer, createCoalescer, type Found } from '../../../core/http/coalesce.ts';
import { loadSplitting } from '../../../core/http/split.ts';
import { type Answer, httpVerdict, type Verdict } from '../../../core/http/verdict.ts';
import { type RateDefinition, rateRule } from '../../../core/limits/rule.ts';
import { type KeepaProduct, productAnswer, productFrom } from './keepa-product.ts';

/** `calls` limits the calls themselves, on top of the tokens. Default: no such limit. */
export type KeepaOptions = ApiOptions<string, 'tokens' | 'calls'> &
  GatherOptions & {
    /** The domain of look-ups that name none: 1: amazon.com, 2: co.uk, 3: de, 4: fr, … Default: 1. */
    domain?: number;
    /** Days that statistics cover. Default: 90. */
    statsDays?: number;
    /** Whether to include histories, which make answers many times larger. Default: false. */
    history?: boolean;
  };

/** Keepa's price histories. Throws what {@link createUpstream} throws. */
export interface Keepa {
  /**
   * Undefined for an ASIN that Keepa does not know. Look-ups are gathered into calls for up to 100 of one domain.
   */
  product(asin: string, budget: Budgeted, domain?: number): Promise<KeepaProduct | undefined>;
  close(): Promise<void>;
}

/** Most look-ups in one call; each costs a token (keepa.com, product request). */
const mostAsins = 100;
/**
 * The smallest plan: 20 tokens a minute, kept for an hour. Keepa refills once a minute while the limiter refills
 * evenly. The burst leaves out one minute's tokens so that the limiter never runs ahead of Keepa.
 */
export const keepaRate: RateDefinition = { perMinute: 20, burst: 59 * 20 };

/** Products in one call: it must fit within what may be used at once. */
export function keepaLookUps(tokens: RateDefinition): number {
  return Math.max(1, Math.min(mostAsins, Math.floor(rateRule('keepa', tokens).burst)));
}

export function createKeepa(options: KeepaOptions): Keepa {
  const { key, deps, statsDays = 90, history = false, gatherMs = defaultGatherMs } = options;
  const name = options.name ?? 'keepa';
  const tokens = options.rates?.tokens ?? keepaRate;
  const calls = options.rates?.calls;
  const upstream = createUpstream(
    {
      name,
      baseUrl: options.baseUrl ?? 'https://api.keepa.com',
      rates: { tokens, ...(calls && { calls }) },
      ...options.tuning,
      judge,
    },
    deps,
  );

  const load = async (
    keys: readonly string[],
    budget: Budgeted,
    domain: number,
  ): Promise<Found<KeepaProduct | undefined>[]> => {
    const asins = [...new Set(keys)];
    const answer = await upstream.call({
      path: 'product',
      query: { key, domain, asin: asins.join(','), stats: statsDays, history: history ? 1 : 0 },
      takes: { tokens: asins.length, ...(calls && { calls: 1 }) },
      divisible: keys.length > 1,
      ...budget,
    });
    const { products } = readAnswer(name, productsAnswer, answer);
    const byAsin = new Map(products.map((product) => [product.asin, product]));
    return keys.map((asin) => {
      const product = byAsin.get(asin);
      return { value: product && productFrom(product) };
    });
  };

  const gathering = new Map<number, Coalescer<string, KeepaProduct | undefined>>();
  const open = (domain: number) => {
    const opened = createCoalescer({
      size: keepaLookUps(tokens),
      maxWaitMs: gatherMs,
      clock: deps.clock,
      load(asins: readonly string[], budget) {
        deps.metrics.count(`${name}/LookUps`, asins.length);
        return loadSplitting(asins, (part) => load(part, budget, domain));
      },
    });
    gathering.set(domain, opened);
    return opened;
  };
  return {
    product: (asin, budget, domain = options.domain ?? 1) =>
      (gathering.get(domain) ?? open(domain)).get(asin, budget),
    close: upstream.close,
  };
}

const productsAnswer = z.object({ products: z.array(productAnswer) });

/** The token account, which every answer reports, even a refusal. */
const account = z.object({
  /** Below zero if the last call cost more tokens than there were. */
  tokensLeft: z.number(),
  /** Milliseconds until the next refill. */
  refillIn: z.number(),
  /** Tokens refilled each minute. */
  refillRate: z.number(),
  tokensConsumed: z.number().optional(),
});

/** Every answer reports the account. While it is empty, no call goes out until there are tokens again. */
function judge(answer: Answer): Verdict {
  const verdict = httpVerdict(answer);
  const told = account.safeParse(answer.body).data;
  if (verdict.kind === 'failed' || told === undefined) return verdict;
  if (verdict.kind === 'throttled') return { ...verdict, pauseMs: untilTokens(told) };
  return {
    ...verdict,
    ...(told.tokensConsumed !== undefined && { spent: { tokens: told.tokensConsumed } }),
    ...(told.tokensLeft <= 0 && { pauseMs: untilTokens(told) }),
  };
}

/** Milliseconds until there is a token: each minute's refill first pays off the debt. */
function untilTokens({ tokensLeft, refillIn, refillRate }: z.output<typeof account>): number {
  const refills = Math.max(1, Math.ceil((1 - tokensLeft) / refillRate));
  return Number.isFinite(refills) ? refillIn + (refills - 1) * 60_000 : refillIn;
}
