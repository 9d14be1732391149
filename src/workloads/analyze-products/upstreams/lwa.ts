import * as z from 'zod';
import { type ApiOptions, readAnswer } from '../../../core/http/api.ts';
import { createUpstream } from '../../../core/http/client.ts';
import type { Budgeted } from '../../../core/http/coalesce.ts';
import { createSingleFlight } from '../../../core/http/single-flight.ts';
import { type Answer, httpVerdict, type Verdict } from '../../../core/http/verdict.ts';

/** An application's credentials and a seller's authorization. */
export interface LwaKey {
  clientId: string;
  clientSecret: string;
  refreshToken: string;
}

/** Login with Amazon: access tokens for the Selling Partner API. All calls of a process share one. */
export interface AccessTokens {
  /** A token that stays valid for a while. Throws what {@link createUpstream} throws. */
  get(budget: Budgeted): Promise<string>;
  /** Reports that an API refused this token. True if a newer token may help. */
  refused(token: string): boolean;
  close(): Promise<void>;
}

/** How long before its end a token is renewed, in milliseconds, but never before most of its life is over. */
const renewBeforeMs = 300_000;
const renewShare = 0.1;
/** If a token younger than this is refused, in milliseconds, its age is not the reason. */
const newForMs = 60_000;

const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.number().positive() });

export function createAccessTokens(options: ApiOptions<LwaKey>): AccessTokens {
  const { key, deps } = options;
  const { clock } = deps;
  const upstream = createUpstream(
    {
      name: options.name ?? 'amazon-auth',
      baseUrl: options.baseUrl ?? 'https://api.amazon.com',
      timeoutMs: 10_000,
      ...options.tuning,
      judge,
    },
    deps,
  );
  let current: { token: string; since: number; renewAt: number } | undefined;

  const renew = createSingleFlight(async (budget) => {
    const answer = await upstream.call({
      path: 'auth/o2/token',
      form: {
        grant_type: 'refresh_token',
        refresh_token: key.refreshToken,
        client_id: key.clientId,
        client_secret: key.clientSecret,
      },
      repeatable: true,
      ...budget,
    });
    const { access_token: token, expires_in } = readAnswer(upstream.name, tokenAnswer, answer);
    const lifeMs = expires_in * 1_000;
    const since = clock.now();
    current = { token, since, renewAt: since + lifeMs - Math.min(renewBeforeMs, renewShare * lifeMs) };
    return token;
  });

  return {
    async get(budget) {
      if (current && clock.now() < current.renewAt) return current.token;
      return renew(budget);
    },
    refused(token) {
      if (current?.token !== token) return true;
      if (clock.now() - current.since < newForMs) return false;
      current = undefined;
      return true;
    },
    close: upstream.close,
  };
}

const refusal = z.object({ error: z.string() });
/** OAuth 2.0 errors that a retry cannot fix (RFC 6749, 5.2); most arrive as a 400. */
const final: ReadonlySet<string> = new Set(['invalid_client', 'invalid_grant', 'unauthorized_client']);

function judge(answer: Answer): Verdict {
  const verdict = httpVerdict(answer);
  if (verdict.kind !== 'failed' || verdict.retryable) return verdict;
  const told = refusal.safeParse(answer.body).data?.error ?? '';
  return final.has(told) ? { ...verdict, code: 'CREDENTIALS_REFUSED' } : verdict;
}
