import type { Figures, RunFacts } from '../../core/forecast/figures.ts';
import type { Accounts } from '../../core/http/accounts.ts';
import { headerBytes, ratesOf } from '../upstream-figures.ts';
import { keepaAccount, spApiAccount } from './upstreams/accounts.ts';
import { keepaLookUps, keepaRate } from './upstreams/keepa.ts';
import { spApiLookUps, spApiRates } from './upstreams/sp-api.ts';

/** Medians of the stand-ins, which docs/benchmarks.md reckons with too: no documentation tells any. */
const keepaMs = 500;
const spApiMs = 300;
/** Calls of a product that follow one another: Keepa; catalog and pricing; fees. */
const itemMs = keepaMs + 2 * spApiMs;
/** Operations of the Selling Partner API that each product is looked up with. */
const operations = Object.keys(spApiRates).length;
/**
 * Of full calls, as the stand-ins answer them: Keepa for 100 products without histories 22,900 bytes; catalog 21,500,
 * pricing 13,000, fees 18,500 for 20. Sent: fees 4,300, ASINs in the address for the others.
 */
const keepaAnswerBytes = 229;
const spApiAnswerBytes = (21_500 + 13_000 + 18_500) / operations / spApiLookUps;
const spApiRequestBytes = (4_300 + 2 * 220) / operations / spApiLookUps;
const asinBytes = 11;
/** Means of `events/products.csv` and of what the demo makes of it. */
const rowBytes = 35;
const analysedBytes = 220;

/** What a product takes, within what the accounts are allowed. */
export function productFigures(accounts: Accounts, { items }: RunFacts): Figures {
  const { total } = accounts.open(spApiAccount);
  const { tokens = keepaRate, calls } = accounts.open(keepaAccount).rates ?? {};
  const perKeepaCall = Math.min(items, keepaLookUps(tokens));
  const perSpApiCall = Math.min(items, spApiLookUps);
  // Each of the operations takes its part of all requests.
  const share = Object.fromEntries(Object.keys(spApiRates).map((operation) => [operation, 1 / operations]));
  return {
    itemMs: { typical: itemMs },
    upstreams: [
      {
        name: 'keepa',
        callsPerItem: 1,
        batchSize: perKeepaCall,
        bytesIn: keepaAnswerBytes * perKeepaCall + headerBytes,
        bytesOut: asinBytes * perKeepaCall + headerBytes,
        latencyMs: keepaMs,
        rates: ratesOf({ tokens, ...(calls && { calls }) }, { tokens: perKeepaCall }),
      },
      {
        name: 'sp-api',
        callsPerItem: operations,
        batchSize: perSpApiCall,
        bytesIn: spApiAnswerBytes * perSpApiCall + headerBytes,
        bytesOut: spApiRequestBytes * perSpApiCall + headerBytes,
        latencyMs: spApiMs,
        rates: total ? ratesOf({ calls: total }) : ratesOf(spApiRates, share),
      },
    ],
    sourceBytes: rowBytes,
    outputBytes: analysedBytes,
    assumed: [
      `Keepa answers in ${keepaMs} ms, the Selling Partner API in ${spApiMs} ms`,
      "Keepa's tokens are all there at the beginning, and nobody else uses the accounts",
    ],
  };
}
