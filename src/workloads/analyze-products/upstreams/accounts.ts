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

/** Keepa, at the plan of the account. */
export const keepaAccount = defineUpstream({
  name: 'keepa',
  keys: ['KEEPA_API_KEY'],
  settings: {
    /** Of the plan. Default: 20. */
    KEEPA_TOKENS_PER_MINUTE: allowance,
    /** Calls to Keepa, besides what they take of the tokens. Default: as many as the tokens allow. */
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

/** Keepa's tokens are kept for an hour; one minute's are kept back, since they come once a minute. */
const keptMinutes = 59;

/** Where a seller sells: each region has accounts and an address of its own. */
export type SellingRegion = 'na' | 'eu' | 'fe';

export interface SpApiAccount extends Account<LwaKey> {
  region: SellingRegion;
  /** One rate for all operations together, in place of the documented ones. */
  total?: RateDefinition;
  /** Where access tokens come from, if not from the real place. */
  authUrl?: string;
}

/** Amazon's Selling Partner API, and a seller's consent to its use. */
export const spApiAccount = defineUpstream({
  name: 'sp-api',
  keys: ['LWA_CLIENT_ID', 'LWA_CLIENT_SECRET', 'LWA_REFRESH_TOKEN'],
  settings: {
    /** Calls to the Selling Partner API, of all operations together. Default: each operation's own documented rate. */
    SP_API_CALLS_PER_SECOND: allowance,
    /** North America, Europe, or the Far East. */
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

/** What one limit for all operations takes the place of. */
const withoutOwn = { searchCatalogItems: null, getCompetitivePricing: null, getMyFeesEstimates: null };
