import * as z from 'zod';
import { type AmazonProduct, isInCatalog } from '../../data/amazon-products.ts';
import { currencyOf, money } from '../../data/marketplaces.ts';
import { hash } from '../../physics/chance.ts';
import { json } from '../api.ts';
import { invalidInput } from './errors.ts';
import type { Operation } from './operation.ts';

const batchSchema = z.object({
  requests: z
    .array(
      z.object({
        uri: z.string().regex(/^\/products\/pricing\/v0\/items\/[^/]+\/offers$/),
        method: z.literal('GET'),
        MarketplaceId: z.string().refine((id) => currencyOf(id) !== undefined, 'Invalid MarketplaceId'),
        ItemCondition: z.enum(['New', 'Used', 'Collectible', 'Refurbished', 'Club']),
        CustomerType: z.enum(['Consumer', 'Business']).optional(),
      }),
    )
    .min(1)
    .max(20),
});

type OffersRequest = z.infer<typeof batchSchema>['requests'][number];

const asinOf = ({ uri }: OffersRequest) => uri.split('/')[5] ?? '';

export const getItemOffersBatch: Operation = {
  name: 'getItemOffersBatch',
  method: 'POST',
  path: '/batches/products/pricing/v0/itemOffers',
  decide: (request, { product, poisoned }) => {
    const body = batchSchema.safeParse(request.json());
    if (!body.success) return invalidInput('Invalid Input', z.prettifyError(body.error));
    const part = (one: OffersRequest) => {
      const asin = asinOf(one);
      const { uri: _, method: __, ...rest } = one;
      const asked = { request: { ...rest, Asin: asin } };
      const headers = { Date: new Date().toUTCString(), 'x-amzn-RequestId': hash(one.uri).toString(16) };
      if (poisoned(asin))
        return { headers, ...partError(500, 'InternalFailure', 'Internal failure.'), ...asked };
      if (!isInCatalog(asin)) {
        const message = `${asin} is an invalid ASIN for marketplace ${one.MarketplaceId}`;
        return { headers, ...partError(400, 'InvalidInput', message), ...asked };
      }
      const payload = offers(product(asin), one);
      return { headers, status: { statusCode: 200, reasonPhrase: 'OK' }, body: { payload }, ...asked };
    };
    return {
      keys: body.data.requests.map(asinOf),
      errorPerKey: true,
      answer: () => json(200, { responses: body.data.requests.map(part) }),
    };
  },
};

function partError(statusCode: number, code: string, message: string) {
  const reasonPhrase = statusCode === 400 ? 'Bad Request' : 'Internal Server Error';
  return { status: { statusCode, reasonPhrase }, body: { errors: [{ code, message }] } };
}

function offers(product: AmazonProduct, { MarketplaceId, ItemCondition }: OffersRequest) {
  const { asin, buyBoxCents, category, listCents, salesRank, shippingCents } = product;
  const condition = ItemCondition.toLowerCase();
  const price = (cents: number) => ({
    LandedPrice: money(MarketplaceId, cents + shippingCents),
    ListingPrice: money(MarketplaceId, cents),
    Shipping: money(MarketplaceId, shippingCents),
  });
  // At most twenty offers are listed, whatever their number.
  const listed = Array.from({ length: Math.min(20, product.offers) }, (_, index) => {
    const cents = buyBoxCents + index * 50;
    const byAmazon = product.amazonCents !== undefined && index === 0;
    return {
      SubCondition: condition,
      SellerId: `A${hash(`${asin} ${index}`).toString(36).toUpperCase().padStart(13, '0')}`,
      SellerFeedbackRating: { FeedbackCount: 100 + index * 37, SellerPositiveFeedbackRating: 98 - index },
      ShippingTime: { minimumHours: 0, maximumHours: 24, availabilityType: 'NOW' },
      ListingPrice: money(MarketplaceId, cents),
      Shipping: money(MarketplaceId, shippingCents),
      IsFulfilledByAmazon: byAmazon,
      IsBuyBoxWinner: index === 0,
      IsFeaturedMerchant: index < 3,
    };
  });
  const fulfillmentChannel = product.amazonCents === undefined ? 'Merchant' : 'Amazon';
  const count = [{ condition, fulfillmentChannel, OfferCount: listed.length }];
  return {
    marketplaceId: MarketplaceId,
    ASIN: asin,
    ItemCondition,
    status: 'Success',
    Identifier: { MarketplaceId, ItemCondition, ASIN: asin },
    Summary: {
      TotalOfferCount: product.offers,
      NumberOfOffers: count,
      LowestPrices: [{ condition, fulfillmentChannel, ...price(buyBoxCents) }],
      BuyBoxPrices: [{ condition, ...price(buyBoxCents) }],
      ListPrice: money(MarketplaceId, listCents),
      SalesRankings: [{ ProductCategoryId: category.group, Rank: salesRank }],
      BuyBoxEligibleOffers: count,
    },
    Offers: listed,
  };
}
