import { ItemError } from '../../core/engine/errors.ts';
import type { Budgeted } from '../../core/http/coalesce.ts';
import { UpstreamError } from '../../core/http/upstream-error.ts';
import type { Known, Terms } from './analysis.ts';
import { analysisErrors } from './analysis-errors.ts';
import { buyBoxPrice, factsOf, totalFees } from './facts.ts';
import { fromMinor, toMinor } from './money.ts';
import type { Sources } from './sources.ts';

/**
 * Looks up one product; its look-ups share calls with those of the products that run at the same time. Throws
 * `ASIN_NOT_FOUND` and what the clients throw. Leaves undefined what an API has no data for.
 */
export async function lookUp(
  { item, marketplace }: Terms,
  { spApi, keepa }: Pick<Sources, 'spApi' | 'keepa'>,
  fulfilment: 'FBA' | 'FBM',
  budget: Budgeted,
): Promise<Known> {
  const { asin } = item;
  const { id, currency, keepaDomain } = marketplace;
  // First and alone: Keepa's tokens take longest to come back, and without them nothing else is spent. All products
  // of a slice then continue together, in full calls.
  const history = await keepa.product(asin, budget, keepaDomain);
  const [entry, pricing] = await Promise.all([
    spApi.catalogItem(asin, budget, id),
    orNothing(spApi.competitivePricing(asin, budget, id)),
  ]);
  if (!entry) {
    throw new ItemError(
      analysisErrors.ASIN_NOT_FOUND,
      `The marketplace has no product with the ASIN ${asin}`,
    );
  }
  const price = item.price === undefined ? buyBoxPrice(pricing, marketplace) : toMinor(item.price, currency);
  const query = (minor: number) => ({
    asin,
    price: { amount: fromMinor(minor, currency), currency },
    isAmazonFulfilled: fulfilment === 'FBA',
  });
  const estimate =
    price === undefined ? undefined : await orNothing(spApi.feesEstimate(query(price), budget, id));
  return {
    facts: factsOf(entry, pricing, history, marketplace),
    price,
    fees: totalFees(estimate, marketplace),
  };
}

/** "No data" is an answer too. */
async function orNothing<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UpstreamError && error.code === 'NO_DATA') return undefined;
    throw error;
  }
}
