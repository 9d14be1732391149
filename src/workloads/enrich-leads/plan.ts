import type { Figures } from '../../core/forecast/figures.ts';
import type { Accounts } from '../../core/http/accounts.ts';
import { headerBytes, ratesOf } from '../upstream-figures.ts';
import { emailRequest } from './prompt.ts';
import { type EnrichLeadsOptions, sliceSize } from './schema.ts';
import { groqAccount, serperAccount } from './upstreams/accounts.ts';
import { groqRates } from './upstreams/groq.ts';
import { chatBody, estimateTokens } from './upstreams/groq-chat.ts';
import { serperRates } from './upstreams/serper.ts';

/** What this was made for: a search of 1 s and an e-mail of 2 s, as the stand-ins answer too. */
const searchMs = 1_000;
const emailMs = 2_000;
/** 17.9 s of processors for 1,000 rows, stand-ins and embedded cloud included: docs/benchmarks.md, enrich-leads. */
const cpuMs = 18;
/** Means of the 22 leads of `events/leads.csv` that the stand-ins answered for: characters, and bytes on the wire. */
const researchLength = 750;
const searchAnswerBytes = 3_100;
const emailAnswerBytes = 800;
const rowBytes = 100;
const enrichedBytes = 1_300;
/**
 * A batch is asked for within a day (src/workloads/enrich-leads/upstreams/groq-batch.ts) and looked at ever more rarely (batch-writer.ts): 10 times
 * in the first 50 s, 54 times until it is 2.5 h old, then every 15 min. Such a look keeps a worker for as long as two calls.
 */
const wait = { ms: 86_400_000, looks: 150, lookMs: 1_000 };
/** Requests for a batch of a slice: its file, its start, its two files of results; and the looks. */
const batchCalls = 4 + wait.looks;

/** What a lead takes. */
export function leadFigures(options: EnrichLeadsOptions, accounts: Accounts): Figures {
  const { tier, emailMode } = options;
  const batch = emailMode === 'batch';
  const request = sampleRequest(options);
  const requestBytes = JSON.stringify(chatBody(request)).length;
  const search = {
    name: 'serper',
    callsPerItem: 1,
    bytesIn: searchAnswerBytes + headerBytes,
    bytesOut: headerBytes,
    latencyMs: searchMs,
    rates: ratesOf({ ...serperRates, ...accounts.open(serperAccount).rates }),
  };
  const chat = {
    name: 'groq',
    callsPerItem: 1,
    bytesIn: emailAnswerBytes + headerBytes,
    bytesOut: requestBytes + headerBytes,
    latencyMs: emailMs,
    rates: ratesOf(groqRates(tier, accounts.open(groqAccount).rates), { tokens: estimateTokens(request) }),
  };
  const batches = {
    name: 'groq-batch',
    callsPerItem: batchCalls,
    batchSize: sliceSize,
    bytesIn: (sliceSize * emailAnswerBytes) / batchCalls + headerBytes,
    bytesOut: (sliceSize * requestBytes) / batchCalls + headerBytes,
    latencyMs: 500,
    whileWaiting: true,
  };
  return {
    itemMs: { typical: batch ? searchMs : searchMs + emailMs },
    cpuMs,
    ...(batch && { wait }),
    upstreams: [search, batch ? batches : chat],
    // The research: claimed and kept; looked for by each who asks.
    itemNeeds: { tableWrites: 1 + Math.ceil(enrichedBytes / 1_024), tableReads: 1 },
    sourceBytes: rowBytes,
    outputBytes: enrichedBytes,
    assumed: [
      `a search takes ${searchMs / 1000} s`,
      'each lead has its own domain; a domain that leads share is searched once a week',
      batch
        ? 'a batch of e-mails takes the whole day that Groq allows itself; most are faster'
        : `an e-mail takes ${emailMs / 1000} s and reserves ${estimateTokens(request)} tokens, of which ${options.maxEmailTokens} are maxEmailTokens`,
    ],
  };
}

/** The request for an ordinary lead. */
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
