import {
  type Account,
  allowance,
  defineUpstream,
  type StandInLimits,
  secondly,
  standInLimit,
} from '../../../core/http/account.ts';

/** Serper, on the account's plan. */
export const serperAccount = defineUpstream({
  name: 'serper',
  keys: ['SERPER_API_KEY'],
  settings: {
    /** The plan's queries a second. Default: 50. */
    SERPER_QUERIES_PER_SECOND: allowance,
  },
  account(
    { SERPER_API_KEY: key },
    { SERPER_QUERIES_PER_SECOND: perSecond },
    standIn,
  ): Account<string, 'queries'> {
    const rates = perSecond === undefined ? {} : { queries: secondly(perSecond) };
    return { key, rates, ...standIn?.place };
  },
  standInLimits: ({ SERPER_QUERIES_PER_SECOND: perSecond }) => standInLimit('queries', perSecond),
});

/** Groq, at the account's tier. */
export const groqAccount = defineUpstream({
  name: 'groq',
  keys: ['GROQ_API_KEY'],
  settings: {
    /** The model's requests a minute at the account's tier. Default: 1,000. */
    GROQ_REQUESTS_PER_MINUTE: allowance,
    /** The model's tokens a minute at the account's tier. Default: 300,000. */
    GROQ_TOKENS_PER_MINUTE: allowance,
  },
  account({ GROQ_API_KEY: key }, settings, standIn): Account<string, 'requests' | 'tokens'> {
    const { GROQ_REQUESTS_PER_MINUTE: requests, GROQ_TOKENS_PER_MINUTE: tokens } = settings;
    const rates = {
      ...(requests !== undefined && { requests: minutely(requests) }),
      ...(tokens !== undefined && { tokens: minutely(tokens) }),
    };
    return { key, rates, ...standIn?.place };
  },
  standInLimits({ GROQ_REQUESTS_PER_MINUTE: requests, GROQ_TOKENS_PER_MINUTE: tokens }): StandInLimits {
    return {
      ...standInLimit('requestsPerMinute', requests),
      ...standInLimit('tokensPerMinute', tokens),
      ...standInLimit('flexRequestsPerMinute', requests && flexShare * requests),
      ...standInLimit('flexTokensPerMinute', tokens && flexShare * tokens),
    };
  },
});

/** The `flex` tier's limits, as a multiple of those on demand. */
const flexShare = 10;

const minutely = (perMinute: number) => ({ perMinute, burst: Math.max(1, perMinute) });
