import type { z } from 'zod';
import type { RateDefinition } from '../limits/rule.ts';
import type { UpstreamDeps } from './client.ts';
import type { UpstreamDefinition } from './definition.ts';
import { UpstreamError } from './upstream-error.ts';
import { type Answer, httpVerdict, type Verdict } from './verdict.ts';

/** What every API's client is made with. `Key` is its secret, `Rate` the names of its rates. */
export interface ApiOptions<Key, Rate extends string = never> {
  /** Never told in an error, a log or a URL that is shown. */
  key: Key;
  /** Limits are shared by name: a second account needs a name of its own. Default: the API's. */
  name?: string;
  /** Default: the real API's. */
  baseUrl?: string;
  /** In place of the documented ones, where the account has others. */
  rates?: Partial<Record<Rate, RateDefinition>>;
  tuning?: Partial<Pick<UpstreamDefinition, 'concurrency' | 'timeoutMs' | 'attempts' | 'breaker' | 'pace'>>;
  deps: UpstreamDeps;
}

/** For APIs that gather look-ups of single keys into calls for many. */
export interface GatherOptions {
  /** A look-up waits at most so many milliseconds for others to share its call. Default: 20. */
  gatherMs?: number;
}

export const defaultGatherMs = 20;

/** The body of an answer. Throws `UPSTREAM_FAILED`, with the place, where it is not what the API documents. */
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

/** What HTTP says, except that 500 is about what was asked for: a gateway's 502 to 504 tell of the API as a whole. */
export function verdictPerRequest(answer: Answer): Verdict {
  const verdict = httpVerdict(answer);
  return verdict.kind === 'failed' && answer.status === 500 ? { ...verdict, down: false } : verdict;
}
