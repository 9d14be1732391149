import type { Figures } from '../../core/forecast/figures.ts';
import type { Accounts } from '../../core/http/accounts.ts';
import { headerBytes, ratesOf } from '../upstream-figures.ts';
import { emailRequest } from './prompt.ts';
import { type EnrichLeadsOptions, sliceSize } from './schema.ts';
import { groqAccount, serperAccount } from './upstreams/accounts.ts';
import { groqRates } from './upstreams/groq.ts';
import { chatBody, estimateTokens } from './upstreams/groq-chat.ts';
import { groqPrices, serperPrice } from './upstreams/prices.ts';
import { serperRates } from './upstreams/serper.ts';

/** The assumption: a search takes 1 s and an e-mail 2 s, as with the stand-ins. */
const searchMs = 1_000;
const emailMs = 2_000;
/** 17.9 s of CPU time for 1,000 rows, stand-ins and embedded cloud included: docs/benchmarks.md, enrich-leads. */
const cpuMs = 18;
/** Means of the 22 leads of `events/leads.csv` that the stand-ins answered: characters, and bytes on the wire. */
const researchLength = 750;
const searchAnswerBytes = 3_100;
const emailAnswerBytes = 800;
/** Tokens of an e-mail, of which a model writes about one for four characters. */
const emailTokens = 200;
const rowBytes = 100;
const enrichedBytes = 1_300;
/**
 * A batch may take a day (src/workloads/enrich-leads/upstreams/groq-batch.ts) and is checked ever less often
 * (batch-writer.ts): 10 times in the first 50 s, 54 times until it is 2.5 h old, then every 15 min. Each check
 * occupies a worker for as long as two calls.
 */
const wait = { ms: 86_400_000, looks: 150, lookMs: 1_000 };
/** Requests for a slice's batch: its file, its start, its two result files, and the checks. */
const batchCalls = 4 + wait.looks;

/** What a lead takes. */
export function leadFigures(options: EnrichLeadsOptions, accounts: Accounts): Figures {
  const { tier, emailMode } = options;
  const batch = emailMode === 'batch';
  const request = sampleRequest(options);
  const queries = { ...serperRates, ...accounts.open(serperAccount).rates }.queries;
  const tokens = groqPrices(options.model, batch);
  const answered = Math.min(emailTokens, options.maxEmailTokens);
  const groqCharges = tokens && {
    prices: [
      {
        ...tokens.sent,
        what: 'tokens sent',
        unitsPerItem: estimateTokens(request) - request.maxCompletionTokens,
      },
      { ...tokens.answered, what: 'tokens answered', unitsPerItem: answered },
    ],
  };
  const requestBytes = JSON.stringify(chatBody(request)).length;
  const search = {
    name: 'serper',
    callsPerItem: 1,
    bytesIn: searchAnswerBytes + headerBytes,
    bytesOut: headerBytes,
    latencyMs: searchMs,
    rates: ratesOf({ queries }),
    prices: [{ ...serperPrice(queries.perSecond ?? 0), what: 'searches', unitsPerItem: 1 }],
  };
  const chat = {
    name: 'groq',
    callsPerItem: 1,
    bytesIn: emailAnswerBytes + headerBytes,
    bytesOut: requestBytes + headerBytes,
    latencyMs: emailMs,
    rates: ratesOf(groqRates(tier, accounts.open(groqAccount).rates), { tokens: estimateTokens(request) }),
    ...groqCharges,
  };
  const batches = {
    name: 'groq-batch',
    callsPerItem: batchCalls,
    batchSize: sliceSize,
    bytesIn: (sliceSize * emailAnswerBytes) / batchCalls + headerBytes,
    bytesOut: (sliceSize * requestBytes) / batchCalls + headerBytes,
    latencyMs: 500,
    whileWaiting: true,
    ...groqCharges,
  };
  return {
    itemMs: { typical: batch ? searchMs : searchMs + emailMs },
    cpuMs,
    ...(batch && { wait }),
    upstreams: [search, batch ? batches : chat],
    // Each research is claimed and kept once, and read by every row that asks for it.
    itemNeeds: { tableWrites: 1 + Math.ceil(enrichedBytes / 1_024), tableReads: 1 },
    sourceBytes: rowBytes,
    outputBytes: enrichedBytes,
    assumed: [
      `a search takes ${searchMs / 1000} s`,
      'each lead has its own domain; a domain that leads share is searched once a week',
      batch
        ? 'a batch of e-mails takes the whole day that Groq allows itself; most are faster'
        : `an e-mail has ${answered} tokens, takes ${emailMs / 1000} s and reserves ${estimateTokens(request)} tokens, of which ${options.maxEmailTokens} are maxEmailTokens`,
    ],
  };
}

/** The request for a typical lead. */
function sampleRequest(options: EnrichLeadsOptions) {
  const cell = 'x'.repeat(20);
  const named = (options.prompt ?? '').matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g);
  return emailRequest({
    row: Object.fromEntries(Array.from(named, ([, name = '']) => [name, cell])),
    lead: { company: cell, domain: cell, contact: cell, role: cell, email: cell },
    research: 'x'.repeat(researchLength),
    options,
    seed: 0,
  });
}
