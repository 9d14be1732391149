import * as z from 'zod';
import { type ApiOptions, readAnswer } from '../../../core/http/api.ts';
import { createUpstream } from '../../../core/http/client.ts';
import type { Budgeted } from '../../../core/http/coalesce.ts';
import { type Answer, httpVerdict, type Verdict } from '../../../core/http/verdict.ts';
import type { RateDefinition } from '../../../core/limits/rule.ts';
import { goDurationMs } from './go-duration.ts';
import {
  type ChatRequest,
  type Completion,
  chatBody,
  completionAnswer,
  estimateTokens,
} from './groq-chat.ts';

export type GroqOptions = ApiOptions<string, 'requests' | 'tokens'> & {
  /**
   * `flex`: ten times the limits at the same price, while there is capacity; for paying accounts. Default:
   * `on_demand`.
   */
  tier?: ServiceTier | undefined;
};

export type ServiceTier = 'on_demand' | 'flex';

/** Chats with Groq's models. Throws what {@link createUpstream} throws. */
export interface Groq {
  chat(request: ChatRequest, budget: Budgeted): Promise<Completion>;
  close(): Promise<void>;
}

/**
 * Limits apply to one model: create a client with its own name for each. Tokens are reserved as Groq reserves them:
 * prompt and longest answer together. A `maxCompletionTokens` far above the need therefore leaves the rate unused.
 * The next calls pay for tokens that a call used beyond its estimate.
 */
export function createGroq(options: GroqOptions): Groq {
  const { tier = 'on_demand' } = options;
  const upstream = createUpstream(
    {
      name: options.name ?? 'groq',
      baseUrl: options.baseUrl ?? 'https://api.groq.com',
      rates: groqRates(tier, options.rates),
      timeoutMs: 60_000,
      ...options.tuning,
      judge,
    },
    options.deps,
  );
  return {
    async chat(request, budget) {
      const answer = await upstream.call({
        path: 'openai/v1/chat/completions',
        headers: { authorization: `Bearer ${options.key}` },
        json: { ...chatBody(request), ...(tier === 'flex' && { service_tier: tier }) },
        takes: { tokens: estimateTokens(request), requests: 1 },
        repeatable: true,
        ...budget,
      });
      return readAnswer(upstream.name, completionAnswer, answer);
    },
    close: upstream.close,
  };
}

/** The flex tier's limits as a multiple of those on demand (console.groq.com, flex processing). */
const flexFactor = 10;

/**
 * Limits of one model: the account's, or those of a mid-size model in the developer tier (console.groq.com, rate
 * limits).
 */
export function groqRates(tier: ServiceTier, given: GroqOptions['rates'] = {}) {
  const factor = tier === 'flex' ? flexFactor : 1;
  return {
    tokens: times(factor, given.tokens ?? { perMinute: 300_000, burst: 300_000 }),
    requests: times(factor, given.requests ?? { perMinute: 1_000, burst: 1_000 }),
  };
}

function times(factor: number, { perSecond, perMinute, burst = 1 }: RateDefinition): RateDefinition {
  return {
    burst: burst * factor,
    ...(perSecond !== undefined && { perSecond: perSecond * factor }),
    ...(perMinute !== undefined && { perMinute: perMinute * factor }),
  };
}

/** Groq's own status for an overloaded model: no limit was reached, and it passes in a moment. */
const capacityExceeded = 498;

const usageAnswer = z.object({ usage: z.object({ total_tokens: z.number() }) });

function judge(answer: Answer): Verdict {
  const { status, headers, body } = answer;
  if (status === capacityExceeded) return { kind: 'throttled' };
  const verdict = httpVerdict(answer);
  if (verdict.kind === 'failed') return verdict;
  const pauseMs = exhaustedFor(headers);
  if (verdict.kind === 'throttled') return { ...(pauseMs !== undefined && { pauseMs }), ...verdict };
  const usage = usageAnswer.safeParse(body).data?.usage;
  return {
    ...verdict,
    ...(usage && { spent: { tokens: usage.total_tokens } }),
    ...(pauseMs !== undefined && { pauseMs }),
  };
}

/**
 * Milliseconds until an exhausted limit allows something again. `reset` says when all of it is back, and it refills
 * evenly. Undefined while something is left.
 */
function exhaustedFor(headers: Answer['headers']): number | undefined {
  const waits = ['requests', 'tokens'].flatMap((what) => {
    if (headers[`x-ratelimit-remaining-${what}`] !== '0') return [];
    const resetMs = goDurationMs(headers[`x-ratelimit-reset-${what}`] ?? '');
    const limit = Number(headers[`x-ratelimit-limit-${what}`]);
    return resetMs === undefined ? [] : [limit > 0 ? resetMs / limit : resetMs];
  });
  return waits.length > 0 ? Math.max(...waits) : undefined;
}
