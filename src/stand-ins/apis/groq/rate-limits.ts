import type { Cost, Limits, Rejection } from '../../physics/limits.ts';
import type { SandboxTime } from '../../physics/time.ts';
import type { Settings } from '../../settings.ts';
import type { Reply } from '../api.ts';
import { retryAfter } from '../retry-after.ts';
import { goDuration } from './duration.ts';
import { failure } from './errors.ts';

/** The developer tier's, for a model of middle size. */
export const groqLimits: Settings['limits'] = {
  requestsPerDay: { rate: 500_000, per: 'day', burst: 500_000 },
  requestsPerMinute: { rate: 1000, per: 'minute', burst: 1000 },
  tokensPerMinute: { rate: 300_000, per: 'minute', burst: 300_000 },
  flexRequestsPerMinute: { rate: 10_000, per: 'minute', burst: 10_000 },
  flexTokensPerMinute: { rate: 3_000_000, per: 'minute', burst: 3_000_000 },
};

const descriptions: Readonly<Record<string, { what: string; type: string }>> = {
  requestsPerDay: { what: 'requests per day (RPD)', type: 'requests' },
  requestsPerMinute: { what: 'requests per minute (RPM)', type: 'requests' },
  tokensPerMinute: { what: 'tokens per minute (TPM)', type: 'tokens' },
  flexRequestsPerMinute: { what: 'requests per minute (RPM)', type: 'requests' },
  flexTokensPerMinute: { what: 'tokens per minute (TPM)', type: 'tokens' },
};

/** What a chat takes of the limits. */
export function chatCost(tokens: number, tier: Tier): Cost {
  const requests = tier === 'flex' ? 'flexRequestsPerMinute' : 'requestsPerMinute';
  return { requestsPerDay: 1, [requests]: 1, [tokenLimit(tier)]: tokens };
}

type Tier = 'on_demand' | 'flex' | 'auto' | null | undefined;

/** The limit that counts a tier's tokens. */
export function tokenLimit(tier: Tier): string {
  return tier === 'flex' ? 'flexTokensPerMinute' : 'tokensPerMinute';
}

/** Headers of every answer: requests are those of a day, tokens those of a minute. Only a 429 has a Retry-After. */
export function rateHeaders(limits: Limits, account: string, time: SandboxTime): Record<string, string> {
  const headers = (name: string, suffix: string): Record<string, string> => {
    const bucket = limits.bucket(name, account);
    if (bucket === undefined) return {};
    const now = time.now();
    return {
      [`x-ratelimit-limit-${suffix}`]: String(bucket.limit.burst),
      [`x-ratelimit-remaining-${suffix}`]: String(Math.floor(bucket.left(now))),
      [`x-ratelimit-reset-${suffix}`]: goDuration(time.toReal(bucket.msUntilFull(now))),
    };
  };
  return { ...headers('requestsPerDay', 'requests'), ...headers('tokensPerMinute', 'tokens') };
}

/** The 429 of a limit; 413 for a request that is larger than the limit itself. */
export function rateError(rejection: Rejection, limits: Limits, time: SandboxTime): Reply {
  const { limit, account, cost, waitMs } = rejection;
  const { what, type } = descriptions[limit] ?? { what: limit, type: 'requests' };
  const bucket = limits.bucket(limit, account);
  const most = bucket?.limit.burst ?? 0;
  const where = `in organization \`org_sandbox\` service tier \`on_demand\` on ${what}: Limit ${most}`;
  if (!Number.isFinite(waitMs)) {
    const message = `Request too large ${where}, Requested ${cost}, please reduce your message size and try again.`;
    return failure(413, message, type, 'rate_limit_exceeded');
  }
  const used = Math.ceil(most - (bucket?.left(time.now()) ?? 0));
  const wait = goDuration(time.toReal(waitMs));
  const message = `Rate limit reached ${where}, Used ${used}, Requested ${cost}. Please try again in ${wait}.`;
  const reply = failure(429, message, type, 'rate_limit_exceeded');
  return { ...reply, headers: { ...reply.headers, 'retry-after': retryAfter(time, waitMs) } };
}
