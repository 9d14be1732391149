import * as z from 'zod';

/** Money as Amazon writes it: in whole units of the currency, not in cents. */
export const money = z.object({ CurrencyCode: z.string(), Amount: z.number() });

export type Money = z.output<typeof money>;

const measure = z.object({ unit: z.string(), value: z.number() });
const sides = z.object({
  height: measure.optional(),
  length: measure.optional(),
  width: measure.optional(),
  weight: measure.optional(),
});
const rank = z.object({ title: z.string(), rank: z.number(), link: z.string().optional() });

/** Catalog Items API, 2022-04-01. Every part but the ASIN is there only on request. */
export const catalogItem = z.object({
  asin: z.string(),
  /** By name; each value's shape depends on the product type. */
  attributes: z.record(z.string(), z.unknown()).optional(),
  summaries: z
    .array(
      z.object({
        marketplaceId: z.string(),
        itemName: z.string().optional(),
        brand: z.string().optional(),
        manufacturer: z.string().optional(),
        browseClassification: z.object({ displayName: z.string(), classificationId: z.string() }).optional(),
      }),
    )
    .optional(),
  dimensions: z
    .array(z.object({ marketplaceId: z.string(), item: sides.optional(), package: sides.optional() }))
    .optional(),
  identifiers: z
    .array(
      z.object({
        marketplaceId: z.string(),
        identifiers: z.array(z.object({ identifier: z.string(), identifierType: z.string() })),
      }),
    )
    .optional(),
  images: z
    .array(
      z.object({
        marketplaceId: z.string(),
        images: z.array(
          z.object({ variant: z.string(), link: z.string(), height: z.number(), width: z.number() }),
        ),
      }),
    )
    .optional(),
  salesRanks: z
    .array(
      z.object({
        marketplaceId: z.string(),
        classificationRanks: z.array(rank.extend({ classificationId: z.string() })).optional(),
        displayGroupRanks: z.array(rank.extend({ websiteDisplayGroup: z.string() })).optional(),
      }),
    )
    .optional(),
});

export type CatalogItem = z.output<typeof catalogItem>;

export const catalogAnswer = z.object({ items: z.array(catalogItem) });

/** Product Pricing API, v0. */
export const competitivePricing = z.object({
  CompetitivePricing: z.object({
    CompetitivePrices: z.array(
      z.object({
        /** 1: the buy box for new items; 2: for used ones. */
        CompetitivePriceId: z.string(),
        Price: z.object({
          LandedPrice: money.optional(),
          ListingPrice: money,
          Shipping: money.optional(),
        }),
        condition: z.string().optional(),
        belongsToRequester: z.boolean().optional(),
      }),
    ),
    NumberOfOfferListings: z.array(z.object({ Count: z.number(), condition: z.string() })),
  }),
  SalesRankings: z.array(z.object({ ProductCategoryId: z.string(), Rank: z.number() })).default([]),
});

export type CompetitivePricing = z.output<typeof competitivePricing>;

export const pricingAnswer = z.object({
  payload: z.array(
    z.object({ status: z.string(), ASIN: z.string(), Product: competitivePricing.optional() }),
  ),
});

/** Product Fees API, v0. */
export const feesEstimate = z.object({
  /** Missing if Amazon does not know. */
  TotalFeesEstimate: money.optional(),
  FeeDetailList: z.array(z.object({ FeeType: z.string(), FinalFee: money })).default([]),
});

export type FeesEstimate = z.output<typeof feesEstimate>;

export const feesAnswer = z.array(
  z.object({
    Status: z.string(),
    FeesEstimateIdentifier: z.object({ SellerInputIdentifier: z.string() }).optional(),
    FeesEstimate: feesEstimate.optional(),
    Error: z.object({ Code: z.string(), Message: z.string() }).optional(),
  }),
);
