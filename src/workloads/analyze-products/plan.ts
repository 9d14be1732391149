import type { Figures, RunFacts } from '../../core/forecast/figures.ts';
import type { Accounts } from '../../core/http/accounts.ts';
import { headerBytes, ratesOf } from '../upstream-figures.ts';
import { keepaAccount, spApiAccount } from './upstreams/accounts.ts';
import { keepaLookUps, keepaRate } from './upstreams/keepa.ts';
import { keepaPrice, spApiPrice } from './upstreams/prices.ts';
import { spApiLookUps, spApiRates } from './upstreams/sp-api.ts';

/** Medians of the stand-ins, which docs/benchmarks.md uses too: no documentation states any. */
const keepaMs = 500;
const spApiMs = 300;
/** Calls that one product makes in sequence: Keepa; catalog and pricing; fees. */
const itemMs = keepaMs + 2 * spApiMs;
/** Selling Partner API operations that each product needs. */
const operations = Object.keys(spApiRates).length;
/**
 * Bytes of full calls, as the stand-ins answer them: Keepa 22,900 for 100 products without histories; catalog
 * 21,500, pricing 13,000, fees 18,500 for 20. Sent: 4,300 for fees; the others carry the ASINs in the address.
 */
const keepaAnswerBytes = 229;
const spApiAnswerBytes = (21_500 + 13_000 + 18_500) / operations / spApiLookUps;
const spApiRequestBytes = (4_300 + 2 * 220) / operations / spApiLookUps;
const asinBytes = 11;
/** Means of `events/products.csv` and of the demo's output for it. */
const rowBytes = 35;
const analysedBytes = 220;

/** What a product takes, within the accounts' limits. */
export function productFigures(accounts: Accounts, { items }: RunFacts): Figures {
  const { total } = accounts.open(spApiAccount);
  const { tokens = keepaRate, calls } = accounts.open(keepaAccount).rates ?? {};
  const keepa = keepaPrice(tokens.perMinute ?? 0);
  const perKeepaCall = Math.min(items, keepaLookUps(tokens));
  const perSpApiCall = Math.min(items, spApiLookUps);
  // Each operation makes an equal share of the requests.
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
        ...(keepa && { prices: [keepa] }),
      },
      {
        name: 'sp-api',
        callsPerItem: operations,
        batchSize: perSpApiCall,
        bytesIn: spApiAnswerBytes * perSpApiCall + headerBytes,
        bytesOut: spApiRequestBytes * perSpApiCall + headerBytes,
        latencyMs: spApiMs,
        rates: total ? ratesOf({ calls: total }) : ratesOf(spApiRates, share),
        prices: [spApiPrice],
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
