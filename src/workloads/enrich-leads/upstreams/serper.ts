import * as z from 'zod';
import { type ApiOptions, readAnswer } from '../../../core/http/api.ts';
import { createUpstream } from '../../../core/http/client.ts';
import type { Budgeted } from '../../../core/http/coalesce.ts';
import { type Answer, httpVerdict, type Verdict } from '../../../core/http/verdict.ts';

export type SerperOptions = ApiOptions<string, 'queries'>;

/** A search, in Serper's terms. More than 10 results cost two credits. */
export interface SearchQuery {
  q: string;
  /** Country, such as `us`. */
  gl?: string;
  /** Language, such as `en`. */
  hl?: string;
  /** Results wanted, 1 to 100. Default: 10. */
  num?: number;
  /** Period, such as `qdr:m` for the last month. */
  tbs?: string;
}

const searchAnswer = z.object({
  knowledgeGraph: z
    .object({
      title: z.string(),
      type: z.string().optional(),
      website: z.string().optional(),
      description: z.string().optional(),
      attributes: z.record(z.string(), z.string()).default({}),
    })
    .optional(),
  answerBox: z
    .object({
      title: z.string().optional(),
      answer: z.string().optional(),
      snippet: z.string().optional(),
      link: z.string().optional(),
    })
    .optional(),
  organic: z
    .array(
      z.object({
        title: z.string(),
        link: z.string(),
        snippet: z.string().default(''),
        position: z.number(),
        date: z.string().optional(),
      }),
    )
    .default([]),
  peopleAlsoAsk: z
    .array(z.object({ question: z.string(), snippet: z.string().optional(), link: z.string().optional() }))
    .default([]),
  relatedSearches: z.array(z.object({ query: z.string() })).default([]),
  /** Credits that the search cost. */
  credits: z.number().default(1),
});

export type SearchResults = z.output<typeof searchAnswer>;

/** Google's results from serper.dev. Throws what {@link createUpstream} throws. */
export interface Serper {
  search(query: SearchQuery, budget: Budgeted): Promise<SearchResults>;
  close(): Promise<void>;
}

/** The smallest plan's rate; others allow up to 300 a second (serper.dev, pricing). */
export const serperRates = {
  queries: { perSecond: 50, burst: 50 },
} as const satisfies SerperOptions['rates'];

export function createSerper(options: SerperOptions): Serper {
  const upstream = createUpstream(
    {
      name: options.name ?? 'serper',
      baseUrl: options.baseUrl ?? 'https://google.serper.dev',
      rates: { ...serperRates, ...options.rates },
      timeoutMs: 15_000,
      ...options.tuning,
      judge,
    },
    options.deps,
  );
  return {
    async search(query, budget) {
      const answer = await upstream.call({
        path: 'search',
        headers: { 'x-api-key': options.key },
        json: query,
        takes: { queries: 1 },
        repeatable: true,
        ...budget,
      });
      return readAnswer(upstream.name, searchAnswer, answer);
    },
    close: upstream.close,
  };
}

const refusal = z.object({ message: z.string() });

/** Serper reports spent credits with a 400, and its 429 has no `Retry-After`. */
function judge(answer: Answer): Verdict {
  const verdict = httpVerdict(answer);
  if (verdict.kind !== 'failed') return verdict;
  const told = refusal.safeParse(answer.body).data;
  if (answer.status === 400 && /not enough credits/i.test(told?.message ?? '')) {
    return { ...verdict, code: 'CREDENTIALS_REFUSED' };
  }
  return verdict;
}
