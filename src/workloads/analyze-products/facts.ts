import type { Marketplace } from './marketplaces.ts';
import { toMinor } from './money.ts';
import type { KeepaProduct } from './upstreams/keepa-product.ts';
import type { CatalogItem, CompetitivePricing, FeesEstimate, Money } from './upstreams/sp-api-answers.ts';

/** What the APIs say about a product in a marketplace. Money in minor units; undefined: unknown. */
export interface Facts {
  title: string | undefined;
  brand: string | undefined;
  category: string | undefined;
  /** Kilograms of the package. */
  weightKg: number | undefined;
  /** Offers for new units. */
  offers: number | undefined;
  /** In the store's main category: lower sells better. */
  rank: number | undefined;
  /** Means over the last 90 days. */
  meanRank: number | undefined;
  meanPrice: number | undefined;
  /** Least number of units a month. */
  salesPerMonth: number | undefined;
  /** Amazon itself has an offer; undefined without a history. */
  amazonSells: boolean | undefined;
  /** Keepa knows the product. */
  history: boolean;
}

export function factsOf(
  item: CatalogItem,
  pricing: CompetitivePricing | undefined,
  keepa: KeepaProduct | undefined,
  { id }: Marketplace,
): Facts {
  const here = <Part extends { marketplaceId: string }>(parts: readonly Part[] | undefined) =>
    parts?.find(({ marketplaceId }) => marketplaceId === id);
  const summary = here(item.summaries);
  const ranked = here(item.salesRanks)?.displayGroupRanks?.[0];
  const sizes = here(item.dimensions);
  return {
    title: summary?.itemName ?? keepa?.title,
    brand: summary?.brand ?? keepa?.brand,
    category: ranked?.title ?? summary?.browseClassification?.displayName,
    weightKg: kilograms(sizes?.package?.weight ?? sizes?.item?.weight),
    offers: pricing?.CompetitivePricing.NumberOfOfferListings.find(
      ({ condition }) => condition.toLowerCase() === 'new',
    )?.Count,
    rank: ranked?.rank ?? keepa?.current.salesRank,
    meanRank: keepa?.mean90.salesRank,
    meanPrice: keepa?.mean90.buyBox ?? keepa?.mean90.new,
    // Most products lack Amazon's own figure; each drop of the rank means at least one sale.
    salesPerMonth: keepa?.soldLastMonth ?? keepa?.rankDrops30,
    amazonSells: keepa && keepa.current.amazon !== undefined,
    history: keepa !== undefined,
  };
}

/** Id of the buy box price for new items (Product Pricing API, CompetitivePriceId). */
const newBuyBox = '1';

/**
 * What a customer pays for a new unit from the buy box, shipping included; undefined if no offer holds the buy box.
 */
export function buyBoxPrice(
  pricing: CompetitivePricing | undefined,
  { currency }: Marketplace,
): number | undefined {
  const found = pricing?.CompetitivePricing.CompetitivePrices.find(
    ({ CompetitivePriceId }) => CompetitivePriceId === newBuyBox,
  );
  if (!found) return undefined;
  const { LandedPrice, ListingPrice, Shipping } = found.Price;
  const listed = minorOf(ListingPrice, currency);
  return minorOf(LandedPrice, currency) ?? (listed && listed + (minorOf(Shipping, currency) ?? 0));
}

export function totalFees(estimate: FeesEstimate | undefined, { currency }: Marketplace): number | undefined {
  return minorOf(estimate?.TotalFeesEstimate, currency);
}

/** Undefined for money in a currency other than this marketplace's. */
function minorOf(money: Money | undefined, currency: string): number | undefined {
  return money?.CurrencyCode === currency ? toMinor(money.Amount, currency) : undefined;
}

/**
 * Kilograms in each unit of weight, by the catalog's names (NIST Handbook 44: a pound is exactly 0.45359237 kg).
 */
const inKilograms: Readonly<Record<string, number>> = {
  kilograms: 1,
  grams: 0.001,
  pounds: 0.45359237,
  ounces: 0.45359237 / 16,
};

function kilograms(weight: { unit: string; value: number } | undefined): number | undefined {
  const unit = weight && inKilograms[weight.unit.toLowerCase()];
  return weight && unit && weight.value * unit;
}
