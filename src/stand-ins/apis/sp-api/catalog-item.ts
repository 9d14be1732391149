import type { AmazonProduct } from '../../data/amazon-products.ts';

/** Data sets that a caller may ask for. */
export const dataSets = [
  ...[
    'attributes',
    'classifications',
    'dimensions',
    'identifiers',
    'images',
    'productTypes',
    'relationships',
  ],
  ...['salesRanks', 'summaries', 'vendorDetails'],
];

/** An item of the Catalog Items API, 2022-04-01, with the data sets asked for. */
export function catalogItem(product: AmazonProduct, marketplaceId: string, included: readonly string[]) {
  const all = { ...descriptions(product, marketplaceId), ...measures(product, marketplaceId) };
  const chosen = Object.entries(all).filter(([name]) => included.includes(name));
  return { asin: product.asin, ...Object.fromEntries(chosen) };
}

function descriptions(product: AmazonProduct, marketplaceId: string) {
  const { brand, title, category, color, model, listCents } = product;
  const classification = { displayName: category.name, classificationId: category.id };
  const attribute = (value: unknown) => [{ value, language_tag: 'en_US', marketplace_id: marketplaceId }];
  return {
    attributes: {
      item_name: attribute(title),
      brand: attribute(brand),
      color: attribute(color),
      model_number: attribute(model),
      list_price: [{ currency: 'USD', value: listCents / 100, marketplace_id: marketplaceId }],
    },
    classifications: [{ marketplaceId, classifications: [classification] }],
    productTypes: [{ marketplaceId, productType: category.name.toUpperCase().replace(/\W+/g, '_') }],
    relationships: [{ marketplaceId, relationships: [] }],
    summaries: [
      {
        marketplaceId,
        brand,
        browseClassification: classification,
        color,
        itemClassification: 'BASE_PRODUCT',
        itemName: title,
        manufacturer: brand,
        modelNumber: model,
        packageQuantity: 1,
        partNumber: model,
        websiteDisplayGroup: category.group,
        websiteDisplayGroupName: category.name,
      },
    ],
    vendorDetails: [],
  };
}

function measures(product: AmazonProduct, marketplaceId: string) {
  const { category, imageId, pounds, salesRank, size, upc } = product;
  const inches = (value: number) => ({ unit: 'inches', value });
  const dimensions = {
    height: inches(size.height),
    length: inches(size.length),
    weight: { unit: 'pounds', value: pounds },
    width: inches(size.width),
  };
  const image = (variant: string, side: number) => ({
    variant,
    link: `https://m.media-amazon.com/images/I/${imageId}._SL${side}_.jpg`,
    height: side,
    width: side,
  });
  return {
    dimensions: [{ marketplaceId, item: dimensions, package: dimensions }],
    identifiers: [
      {
        marketplaceId,
        identifiers: [
          { identifier: `0${upc}`, identifierType: 'EAN' },
          { identifier: upc, identifierType: 'UPC' },
        ],
      },
    ],
    images: [{ marketplaceId, images: [image('MAIN', 1500), image('MAIN', 500), image('PT01', 1500)] }],
    salesRanks: [
      {
        marketplaceId,
        classificationRanks: [
          { classificationId: category.id, title: category.name, rank: Math.ceil(salesRank / 40) },
        ],
        displayGroupRanks: [{ websiteDisplayGroup: category.group, title: category.name, rank: salesRank }],
      },
    ],
  };
}
