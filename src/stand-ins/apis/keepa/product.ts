import { type AmazonProduct, isInCatalog } from '../../data/amazon-products.ts';
import type { Random } from '../../physics/chance.ts';
import { csv, histories, keepaMinutes, stats } from './history.ts';

/** Keepa's product types: everything else is known, and must be looked at first. */
const productTypes = { standard: 0, invalid: 4 } as const;

export interface ProductQuery {
  domain: number;
  /** Days of the interval that statistics are asked for; undefined for no statistics. */
  statsDays: number | undefined;
  history: boolean;
}

/** A product as Keepa tells of it. One that Amazon does not know has no data and the type 4. */
export function keepaProduct(
  asin: string,
  { domain, statsDays, history }: ProductQuery,
  describe: (asin: string) => AmazonProduct,
  epochMs: number,
  random: Random,
) {
  const identity = { asin, domainId: domain, lastUpdate: keepaMinutes(epochMs) - 15 };
  if (!isInCatalog(asin)) {
    const nothing = { title: null, brand: null, csv: null, stats: null };
    return { ...identity, productType: productTypes.invalid, ...nothing };
  }
  const product = describe(asin);
  const now = keepaMinutes(epochMs);
  const series = histories(product, now, random);
  return {
    ...identity,
    productType: productTypes.standard,
    title: product.title,
    brand: product.brand,
    manufacturer: product.brand,
    model: product.model,
    color: product.color,
    imagesCSV: `${product.imageId}.jpg`,
    rootCategory: Number(product.category.id),
    categoryTree: [{ catId: Number(product.category.id), name: product.category.name }],
    upcList: [product.upc],
    // Grams and millimetres.
    packageWeight: Math.round(product.pounds * 453.6),
    packageHeight: Math.round(product.size.height * 25.4),
    packageLength: Math.round(product.size.length * 25.4),
    packageWidth: Math.round(product.size.width * 25.4),
    csv: history ? csv(series) : null,
    stats: statsDays === undefined ? null : statistics(product, stats(series, now, statsDays)),
  };
}

function statistics(product: AmazonProduct, values: ReturnType<typeof stats>) {
  return {
    ...values,
    totalOfferCount: product.offers,
    buyBoxPrice: product.buyBoxCents,
    buyBoxShipping: product.shippingCents,
    buyBoxIsAmazon: product.amazonCents !== undefined,
    salesRankDrops30: Math.max(1, Math.round(40_000 / product.salesRank)),
    salesRankDrops90: Math.max(2, Math.round(120_000 / product.salesRank)),
  };
}
