import * as z from 'zod';
import { type ApiOptions, readAnswer } from '../../../core/http/api.ts';
import { createUpstream } from '../../../core/http/client.ts';
import type { Budgeted } from '../../../core/http/coalesce.ts';
import { createSingleFlight } from '../../../core/http/single-flight.ts';
import { type Answer, httpVerdict, type Verdict } from '../../../core/http/verdict.ts';

/** An application's credentials, and a seller's consent to it. */
export interface LwaKey {
  clientId: string;
  clientSecret: string;
  refreshToken: string;
}

/** Login with Amazon: access tokens for the Selling Partner API. One is shared by all calls of a process. */
export interface AccessTokens {
  /** A token that is good for a while yet. Throws what {@link createUpstream} throws. */
  get(budget: Budgeted): Promise<string>;
  /** An API has refused this token. True if another one may help: this one is not as new as it could be. */
  refused(token: string): boolean;
  close(): Promise<void>;
}

/** A token is renewed so long before its end, in milliseconds, but never before most of its life is over. */
const renewBeforeMs = 300_000;
const renewShare = 0.1;
/** A token that is refused when it is younger, in milliseconds, is not refused for its age. */
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
/** Errors of OAuth 2.0 that no other call will escape (RFC 6749, 5.2); most come with a 400. */
const final: ReadonlySet<string> = new Set(['invalid_client', 'invalid_grant', 'unauthorized_client']);

function judge(answer: Answer): Verdict {
  const verdict = httpVerdict(answer);
  if (verdict.kind !== 'failed' || verdict.retryable) return verdict;
  const told = refusal.safeParse(answer.body).data?.error ?? '';
  return final.has(told) ? { ...verdict, code: 'CREDENTIALS_REFUSED' } : verdict;
}
