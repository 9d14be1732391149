import * as z from 'zod';
import {
  type Account,
  allowance,
  defineUpstream,
  type StandInLimits,
  secondly,
  standInLimit,
} from '../../../core/http/account.ts';
import type { RateDefinition } from '../../../core/limits/rule.ts';
import type { LwaKey } from './lwa.ts';

/** Keepa, on the account's plan. */
export const keepaAccount = defineUpstream({
  name: 'keepa',
  keys: ['KEEPA_API_KEY'],
  settings: {
    /** The plan's tokens a minute. Default: 20. */
    KEEPA_TOKENS_PER_MINUTE: allowance,
    /** Limits the calls to Keepa as well as their tokens. Default: as many as the tokens allow. */
    KEEPA_CALLS_PER_SECOND: allowance,
  },
  account({ KEEPA_API_KEY: key }, settings, standIn): Account<string, 'tokens' | 'calls'> {
    const { KEEPA_TOKENS_PER_MINUTE: perMinute, KEEPA_CALLS_PER_SECOND: calls } = settings;
    const burst = Math.max(1, keptMinutes * (perMinute ?? 1));
    const rates = {
      ...(perMinute !== undefined && { tokens: { perMinute, burst } }),
      ...(calls !== undefined && { calls: secondly(calls) }),
    };
    return { key, rates, ...standIn?.place };
  },
  standInLimits({ KEEPA_TOKENS_PER_MINUTE: perMinute, KEEPA_CALLS_PER_SECOND: calls }): StandInLimits {
    return {
      ...standInLimit('tokens', perMinute, { burst: 60 * (perMinute ?? 0) }),
      ...standInLimit('calls', calls, { per: 'second' }),
    };
  },
});

/** Keepa keeps tokens for an hour. One minute's worth is held back, because tokens arrive once a minute. */
const keptMinutes = 59;

/** Where a seller sells: each region has its own accounts and address. */
export type SellingRegion = 'na' | 'eu' | 'fe';

export interface SpApiAccount extends Account<LwaKey> {
  region: SellingRegion;
  /** One rate for all operations together, instead of the documented ones. */
  total?: RateDefinition;
  /** Address that issues access tokens, if not Amazon's. */
  authUrl?: string;
}

/** Amazon's Selling Partner API, with a seller's authorization. */
export const spApiAccount = defineUpstream({
  name: 'sp-api',
  keys: ['LWA_CLIENT_ID', 'LWA_CLIENT_SECRET', 'LWA_REFRESH_TOKEN'],
  settings: {
    /**
     * Calls a second to the Selling Partner API, all operations together. Default: each operation's documented
     * rate.
     */
    SP_API_CALLS_PER_SECOND: allowance,
    /** North America, Europe or the Far East. */
    SP_API_REGION: z
      .union([z.literal('').transform(() => undefined), z.enum(['na', 'eu', 'fe'])])
      .optional()
      .transform((region): SellingRegion => region ?? 'na'),
  },
  account(keys, { SP_API_REGION: region, SP_API_CALLS_PER_SECOND: calls }, standIn): SpApiAccount {
    const key: LwaKey = {
      clientId: keys.LWA_CLIENT_ID,
      clientSecret: keys.LWA_CLIENT_SECRET,
      refreshToken: keys.LWA_REFRESH_TOKEN,
    };
    return {
      ...{ key, region, baseUrl: `https://sellingpartnerapi-${region}.amazon.com` },
      ...standIn?.place,
      ...(calls !== undefined && { total: secondly(calls) }),
      ...(standIn && { authUrl: standIn.urlOf('amazon-auth') }),
    };
  },
  standInLimits({ SP_API_CALLS_PER_SECOND: calls }): StandInLimits {
    return calls === undefined ? {} : { ...withoutOwn, ...standInLimit('calls', calls, { per: 'second' }) };
  },
});

/** The rates that one limit for all operations replaces. */
const withoutOwn = { searchCatalogItems: null, getCompetitivePricing: null, getMyFeesEstimates: null };
