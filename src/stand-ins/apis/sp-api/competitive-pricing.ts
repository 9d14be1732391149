import { type AmazonProduct, isInCatalog } from '../../data/amazon-products.ts';
import { currencyOf, money } from '../../data/marketplaces.ts';
import { json } from '../api.ts';
import { invalidInput } from './errors.ts';
import { list, type Operation } from './operation.ts';

const maxAsins = 20;

export const getCompetitivePricing: Operation = {
  name: 'getCompetitivePricing',
  method: 'GET',
  path: '/products/pricing/v0/competitivePrice',
  decide: (request, { product, poisoned }) => {
    const marketplaceId = request.query('MarketplaceId') ?? '';
    const asins = list(request.query('Asins'));
    if (currencyOf(marketplaceId) === undefined) return invalidInput('Invalid MarketplaceId.');
    if (request.query('ItemType') !== 'Asin') return invalidInput('ItemType must be Asin.');
    if (asins.length === 0 || asins.length > maxAsins) {
      return invalidInput(`Asins must have between 1 and ${maxAsins} entries.`);
    }
    return {
      keys: asins,
      errorPerKey: true,
      answer: () => {
        const price = (asin: string) =>
          isInCatalog(asin) && !poisoned(asin)
            ? { status: 'Success', ASIN: asin, Product: pricing(product(asin), marketplaceId) }
            : { status: poisoned(asin) ? 'ServerError' : 'ClientError', ASIN: asin };
        return json(200, { payload: asins.map(price) });
      },
    };
  },
};

function pricing(product: AmazonProduct, marketplaceId: string) {
  const { asin, buyBoxCents, category, offers, salesRank, shippingCents } = product;
  return {
    Identifiers: { MarketplaceASIN: { MarketplaceId: marketplaceId, ASIN: asin } },
    CompetitivePricing: {
      CompetitivePrices: [
        {
          // 1 is the price of the new buy box.
          CompetitivePriceId: '1',
          Price: {
            LandedPrice: money(marketplaceId, buyBoxCents + shippingCents),
            ListingPrice: money(marketplaceId, buyBoxCents),
            Shipping: money(marketplaceId, shippingCents),
          },
          condition: 'New',
          subcondition: 'New',
          belongsToRequester: false,
        },
      ],
      NumberOfOfferListings: [
        { Count: offers, condition: 'New' },
        { Count: offers, condition: 'Any' },
      ],
    },
    SalesRankings: [
      { ProductCategoryId: category.group, Rank: salesRank },
      { ProductCategoryId: category.id, Rank: Math.ceil(salesRank / 40) },
    ],
  };
}
