import * as z from 'zod';
import { ItemError } from '../core/engine/errors.ts';
import type { RateDefinition } from '../core/limits/rule.ts';
import type { LwaKey } from './analyze-products/upstreams/lwa.ts';
import { workloadErrors } from './workload-errors.ts';

/** An account with an API, as its client takes it: spread it into the client's options. */
export interface Account<Key, Rate extends string = never> {
  key: Key;
  /** Missing: the real API's. */
  baseUrl?: string;
  /** What the account's plan allows, where it is not the least that is documented. */
  rates?: Partial<Record<Rate, RateDefinition>>;
  tuning?: { pace: number };
}

/**
 * The accounts of the service. An API without a key has its stand-in in the sandbox for an account; where there is no
 * sandbox either, asking for the account throws `CREDENTIALS_MISSING`, which names the variable and stops the job.
 */
export interface Accounts {
  serper(): Account<string, 'queries'>;
  groq(): Account<string, 'requests' | 'tokens'>;
  keepa(): Account<string, 'tokens' | 'calls'>;
  spApi(): SpApiAccount;
  /** Whether an API's answers come from the sandbox: they must never be kept where real ones are looked for. */
  isStandIn(api: KeyedApi): boolean;
  /** Where the sandbox serves an API that is known by its URL only, such as `cards`; undefined without a sandbox. */
  standInUrl(api: string): string | undefined;
}

/** Where a seller sells: each region has accounts and an address of its own. */
export type SellingRegion = 'na' | 'eu' | 'fe';

export interface SpApiAccount extends Account<LwaKey> {
  region: SellingRegion;
  /** One rate for all operations together, in place of the documented ones. */
  total?: RateDefinition;
  /** Where access tokens come from, if not from the real place. */
  authUrl?: string;
}

/** The variables that hold each API's key, by the API's name in the sandbox. */
const variables = {
  serper: ['SERPER_API_KEY'],
  groq: ['GROQ_API_KEY'],
  keepa: ['KEEPA_API_KEY'],
  'sp-api': ['LWA_CLIENT_ID', 'LWA_CLIENT_SECRET', 'LWA_REFRESH_TOKEN'],
} as const;

/** An API that asks for a key. */
export type KeyedApi = keyof typeof variables;

/** Empty counts as missing: deployments pass every variable on. */
const secret = z
  .string()
  .trim()
  .transform((text) => text || undefined)
  .optional();
const rate = z.union([z.literal('').transform(() => undefined), z.coerce.number().positive()]).optional();

/** What the environment says of accounts. */
export const accountVariables = {
  SERPER_API_KEY: secret,
  GROQ_API_KEY: secret,
  KEEPA_API_KEY: secret,
  LWA_CLIENT_ID: secret,
  LWA_CLIENT_SECRET: secret,
  LWA_REFRESH_TOKEN: secret,
  /** Of the plan. Default: 50. */
  SERPER_QUERIES_PER_SECOND: rate,
  /** Of the model, at the account's tier. Default: 1,000. */
  GROQ_REQUESTS_PER_MINUTE: rate,
  /** The same. Default: 300,000. */
  GROQ_TOKENS_PER_MINUTE: rate,
  /** Of the plan. Default: 20. */
  KEEPA_TOKENS_PER_MINUTE: rate,
  /** Calls to Keepa, besides what they take of the tokens. Default: as many as the tokens allow. */
  KEEPA_CALLS_PER_SECOND: rate,
  /** Calls to the Selling Partner API, of all operations together. Default: each operation's own documented rate. */
  SP_API_CALLS_PER_SECOND: rate,
  /** North America, Europe, or the Far East. */
  SP_API_REGION: z
    .union([z.literal('').transform(() => undefined), z.enum(['na', 'eu', 'fe'])])
    .optional()
    .transform((region): SellingRegion => region ?? 'na'),
  /** The sandbox's address: it stands in for the APIs that have no key. Set by the service on one machine. */
  SPILLWAY_SANDBOX_URL: z.union([z.literal('').transform(() => undefined), z.url()]).optional(),
  /** 0.1: the sandbox goes ten times as fast, and so do its clients. */
  SPILLWAY_SANDBOX_TIME_SCALE: z
    .union([z.literal('').transform(() => 1), z.coerce.number().min(0.001).max(1000)])
    .default(1),
};

export type AccountSettings = z.output<z.ZodObject<typeof accountVariables>>;

/** Any key will do for a stand-in that does not begin with `invalid`. */
const standInKey = 'sandbox';
/** Keepa's tokens are kept for an hour; one minute's are kept back, since they come once a minute. */
const keepaMinutes = 59;

export function openAccounts(settings: AccountSettings): Accounts {
  const { SPILLWAY_SANDBOX_URL: sandbox, SPILLWAY_SANDBOX_TIME_SCALE: scale } = settings;
  const isStandIn = (api: KeyedApi) => sandbox !== undefined && keysOf(settings, api).every((key) => !key);
  const standInUrl = (api: string) => (sandbox === undefined ? undefined : `${sandbox}/${api}`);

  /** The keys of an API in the order of its variables, and where it is. */
  const accountOf = (api: KeyedApi) => {
    if (isStandIn(api)) {
      return { key: () => standInKey, place: { baseUrl: `${sandbox}/${api}`, tuning: { pace: 1 / scale } } };
    }
    const missing = variables[api].filter((name) => settings[name] === undefined);
    if (missing.length > 0) {
      const message = `${api} cannot be called: ${missing.join(', ')} is not set`;
      throw new ItemError(workloadErrors.CREDENTIALS_MISSING, message);
    }
    return { key: (name: Variable) => settings[name] ?? '', place: {} };
  };

  return {
    serper() {
      const { key, place } = accountOf('serper');
      const { SERPER_QUERIES_PER_SECOND: perSecond } = settings;
      const rates = perSecond === undefined ? {} : { queries: secondly(perSecond) };
      return { key: key('SERPER_API_KEY'), rates, ...place };
    },
    groq() {
      const { key, place } = accountOf('groq');
      const { GROQ_REQUESTS_PER_MINUTE: requests, GROQ_TOKENS_PER_MINUTE: tokens } = settings;
      const rates = {
        ...(requests !== undefined && { requests: { perMinute: requests, burst: Math.max(1, requests) } }),
        ...(tokens !== undefined && { tokens: { perMinute: tokens, burst: Math.max(1, tokens) } }),
      };
      return { key: key('GROQ_API_KEY'), rates, ...place };
    },
    keepa() {
      const { key, place } = accountOf('keepa');
      const { KEEPA_TOKENS_PER_MINUTE: perMinute, KEEPA_CALLS_PER_SECOND: calls } = settings;
      const burst = Math.max(1, keepaMinutes * (perMinute ?? 1));
      const rates = {
        ...(perMinute !== undefined && { tokens: { perMinute, burst } }),
        ...(calls !== undefined && { calls: secondly(calls) }),
      };
      return { key: key('KEEPA_API_KEY'), rates, ...place };
    },
    spApi() {
      const { key, place } = accountOf('sp-api');
      const lwa: LwaKey = {
        clientId: key('LWA_CLIENT_ID'),
        clientSecret: key('LWA_CLIENT_SECRET'),
        refreshToken: key('LWA_REFRESH_TOKEN'),
      };
      const authUrl = isStandIn('sp-api') ? standInUrl('amazon-auth') : undefined;
      const { SP_API_REGION: region, SP_API_CALLS_PER_SECOND: calls } = settings;
      return {
        ...{ key: lwa, region, baseUrl: `https://sellingpartnerapi-${region}.amazon.com` },
        ...place,
        ...(calls !== undefined && { total: secondly(calls) }),
        ...(authUrl !== undefined && { authUrl }),
      };
    },
    isStandIn,
    standInUrl,
  };
}

/** As much at once as in a second. */
const secondly = (perSecond: number): RateDefinition => ({ perSecond, burst: Math.max(1, perSecond) });

type Variable = (typeof variables)[KeyedApi][number];

/** APIs that have no key at all, with the variables that would hold it. */
export function apisWithoutKey(env: Readonly<Record<string, string | undefined>>): Map<KeyedApi, string> {
  const apis = Object.keys(variables) as KeyedApi[];
  const without = apis.filter((api) => keysOf(env, api).every((key) => !String(key ?? '').trim()));
  return new Map(without.map((api) => [api, variables[api].join(', ')]));
}

function keysOf(from: Readonly<Record<string, unknown>>, api: KeyedApi): unknown[] {
  return variables[api].map((name) => from[name]);
}
