import type { z } from 'zod';
import type { RateDefinition } from '../limits/rule.ts';
import type { UpstreamDeps } from './client.ts';
import type { UpstreamDefinition } from './definition.ts';
import { UpstreamError } from './upstream-error.ts';
import type { Answer } from './verdict.ts';

/** The options of every API's client. `Key` is its secret, `Rate` the names of its rates. */
export interface ApiOptions<Key, Rate extends string = never> {
  /** Never appears in an error, a log or a displayed URL. */
  key: Key;
  /** Limits are shared by name, so a second account needs its own name. Default: the API's name. */
  name?: string;
  /** Default: the real API's. */
  baseUrl?: string;
  /** Replaces the documented rates where the account's differ. */
  rates?: Partial<Record<Rate, RateDefinition>>;
  tuning?: Partial<Pick<UpstreamDefinition, 'concurrency' | 'timeoutMs' | 'attempts' | 'breaker' | 'pace'>>;
  deps: UpstreamDeps;
}

/** For APIs that combine look-ups of single keys into batch calls. */
export interface GatherOptions {
  /** How long a look-up waits for others to share its call, at most, in milliseconds. Default: 20. */
  gatherMs?: number;
}

export const defaultGatherMs = 20;

/** Parses the body of an answer. Throws `UPSTREAM_FAILED`, with the place, if it is not what the API documents. */
export function readAnswer<Schema extends z.ZodType>(
  upstream: string,
  schema: Schema,
  { status, body }: Pick<Answer, 'status' | 'body'>,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') || 'the body';
  throw new UpstreamError(
    'UPSTREAM_FAILED',
    `${upstream}: the answer is not as documented: ${place}: ${issue?.message}`,
    {
      details: { upstream, status },
    },
  );
}
