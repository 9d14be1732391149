import type { Accounts } from '../../core/http/accounts.ts';
import type { Cache } from '../../core/http/cache.ts';
import type { UpstreamDeps } from '../../core/http/client.ts';
import type { Budgeted } from '../../core/http/coalesce.ts';
import type { WorkloadPorts } from '../ports.ts';
import { harmless } from './prompt.ts';
import { serperAccount } from './upstreams/accounts.ts';
import { createSerper, type SearchResults, type Serper } from './upstreams/serper.ts';

/** What the web says about a company, as the cache holds it. */
export interface Research {
  /** One line. */
  summary: string;
  /** Addresses of the sources. */
  sources: string[];
}

/** Where to search, in the search engine's terms. */
export interface SearchPlace {
  country?: string | undefined;
  language?: string | undefined;
}

export interface Researcher {
  /** Searches once for all rows, workers and jobs that ask for the same domain within a week. */
  research(domain: string, place: SearchPlace, budget: Budgeted): Promise<Research>;
}

/** Companies' websites change slowly. */
const ttlMs = 7 * 86_400_000;
/** Companies that one process keeps in memory. */
const size = 10_000;
/** A worker that searches for longer counts as dead, in milliseconds. */
const fetchMs = 30_000;
/** Results to read, and characters to keep of them. */
const read = 5;
const summaryLength = 1_500;
/** Calls at the same time, to begin with and at most: as many as rows. */
const concurrency = { start: 20, max: 200 };

export function createResearcher({
  accounts,
  openCache,
  upstreamDeps,
}: Pick<WorkloadPorts, 'accounts' | 'openCache' | 'upstreamDeps'>): Researcher {
  let opened: { serper: Serper; cache: Cache } | undefined;
  const open = () => {
    opened ??= {
      serper: serperOf(accounts, upstreamDeps),
      // Data that a stand-in invented must never reach jobs that use the real API.
      cache: openCache(accounts.isStandIn(serperAccount) ? 'research-of-stand-in' : 'research', {
        ...{ size, ttlMs, fetchMs },
      }),
    };
    return opened;
  };

  return {
    async research(domain, { country, language }, budget) {
      const { serper, cache } = open();
      const key = [domain, country ?? '', language ?? ''].join('|');
      const query = {
        q: `${domain} company`,
        ...(country !== undefined && { gl: country }),
        ...(language !== undefined && { hl: language }),
      };
      const found = await cache.get(key, budget.signal, async () => {
        upstreamDeps.metrics.count('EnrichLeads/Searches', 1);
        return digest(await serper.search(query, budget));
      });
      return found as Research;
    },
  };
}

function serperOf(accounts: Accounts, deps: UpstreamDeps): Serper {
  const account = accounts.open(serperAccount);
  return createSerper({ ...account, tuning: { concurrency, ...account.tuning }, deps });
}

/** The few facts that an e-mail can mention. */
export function digest({ knowledgeGraph, answerBox, organic }: SearchResults): Research {
  const known = knowledgeGraph && [
    knowledgeGraph.description ?? knowledgeGraph.title,
    ...Object.entries(knowledgeGraph.attributes).map(([name, value]) => `${name}: ${value}`),
  ];
  const results = organic.slice(0, read);
  const facts = [
    ...(known ?? []),
    answerBox?.answer ?? answerBox?.snippet ?? '',
    ...results.map(({ title, snippet, date }) => `${title}${date ? ` (${date})` : ''}: ${snippet}`),
  ];
  const summary = facts.filter((fact) => fact !== '').join(' · ');
  return { summary: harmless(summary, summaryLength), sources: results.slice(0, 3).map(({ link }) => link) };
}
