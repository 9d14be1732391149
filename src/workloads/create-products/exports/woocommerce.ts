import type { ProductEntry } from '../entry.ts';
import {
  csvFormat,
  gramsOf,
  offersOf,
  ownField,
  type ProductFormat,
  picturesOf,
  type ShopRow,
} from './csv.ts';

/**
 * The columns of WooCommerce's product CSV, in the order of its exporter; attributes and meta data follow.
 * Source: WooCommerce, "Product CSV Importer and Exporter",
 * https://woocommerce.com/document/product-csv-importer-exporter/ (2026-11-28).
 */
const columns = [
  'ID',
  'Type',
  'SKU',
  'GTIN, UPC, EAN, or ISBN',
  'Name',
  'Published',
  'Is featured?',
  'Visibility in catalog',
  'Short description',
  'Description',
  'Date sale price starts',
  'Date sale price ends',
  'Tax status',
  'Tax class',
  'In stock?',
  'Stock',
  'Low stock amount',
  'Backorders allowed?',
  'Sold individually?',
  'Weight (kg)',
  'Length (cm)',
  'Width (cm)',
  'Height (cm)',
  'Allow customer reviews?',
  'Purchase note',
  'Sale price',
  'Regular price',
  'Categories',
  'Tags',
  'Shipping class',
  'Images',
  'Download limit',
  'Download expiry days',
  'Parent',
  'Grouped products',
  'Upsells',
  'Cross-sells',
  'External URL',
  'Button text',
  'Position',
  'Brands',
] as const;

/** As many as a product may have options. */
const attributes = [1, 2, 3] as const;
const attributeColumns = attributes.flatMap((n) => [
  `Attribute ${n} name`,
  `Attribute ${n} value(s)`,
  `Attribute ${n} visible`,
  `Attribute ${n} global`,
]);

/** The shop decides: drafts are -1. */
const draft = -1;

export const wooCommerceCsv: ProductFormat = csvFormat(
  (fields) => [...columns, ...attributeColumns, ...fields.map(metaColumn)],
  (product, fields) => {
    const { metadata, images } = product;
    const {
      title,
      description,
      vendor,
      type,
      category,
      tags,
      options,
      variants,
      barcode,
      custom = {},
    } = metadata;
    const [only] = offersOf(product);
    // Variations name their parent by its SKU, so that it needs one, which nothing else has.
    const skus = new Set(variants?.map((variant) => variant.sku));
    const sku = [metadata.sku, product.productId].find((one) => one && !skus.has(one)) ?? product.catalogId;
    const parent: ShopRow = {
      Type: variants ? 'variable' : 'simple',
      SKU: sku,
      'GTIN, UPC, EAN, or ISBN': barcode,
      Name: title,
      Published: draft,
      'Is featured?': 0,
      'Visibility in catalog': 'visible',
      Description: description,
      'Tax status': 'taxable',
      'In stock?': 1,
      'Backorders allowed?': 0,
      'Sold individually?': 0,
      'Weight (kg)': kilograms(metadata.weight),
      'Allow customer reviews?': 1,
      ...(!variants && pricesOf(only)),
      Categories: listed([category ?? type].flatMap((one) => one ?? [])),
      Tags: listed(tags ?? []),
      Images: images.map(({ url }) => url.replaceAll(',', '%2C')).join(', '),
      Position: 0,
      Brands: vendor === undefined ? undefined : listed([vendor]),
      ...attributesOf(options ?? [], ({ values }) => listed(values)),
      ...Object.fromEntries(fields.map((field) => [metaColumn(field), ownField(custom, field)])),
    };
    if (!variants) return [parent];
    const variations = offersOf(product).map(
      (offer, at): ShopRow => ({
        Type: 'variation',
        SKU: offer.sku ?? freeSku(`${sku}-${at + 1}`, skus),
        'GTIN, UPC, EAN, or ISBN': offer.barcode,
        Name: title,
        Published: 1,
        'Is featured?': 0,
        'Visibility in catalog': 'visible',
        'Tax status': 'taxable',
        'Tax class': 'parent',
        'In stock?': 1,
        'Backorders allowed?': 0,
        'Sold individually?': 0,
        'Weight (kg)': kilograms(offer.weight),
        ...pricesOf(offer),
        // A variation has one picture.
        Images: picturesOf(product, offer.images)[0]?.replaceAll(',', '%2C'),
        Parent: sku,
        Position: at + 1,
        ...attributesOf(options ?? [], ({ name }) => listed([offer.optionValues[name] ?? ''])),
      }),
    );
    return [parent, ...variations];
  },
);

/** WooCommerce names the price before a reduction the regular one, and the price that is asked the sale price. */
function pricesOf(offer: ReturnType<typeof offersOf>[number] | undefined): ShopRow {
  const { price, compareAtPrice } = offer ?? {};
  const reduced =
    price !== undefined && compareAtPrice !== undefined && Number(compareAtPrice) > Number(price);
  return reduced
    ? { 'Sale price': price, 'Regular price': compareAtPrice }
    : { 'Sale price': undefined, 'Regular price': price };
}

/** A SKU for a variant without one: WooCommerce takes none twice. */
const freeSku = (sku: string, taken: ReadonlySet<string | undefined>): string =>
  taken.has(sku) ? freeSku(`${sku}-x`, taken) : sku;

type Option = NonNullable<ProductEntry['metadata']['options']>[number];

function attributesOf(options: readonly Option[], cellOf: (option: Option) => string): ShopRow {
  return Object.fromEntries(
    options.flatMap((option, at) => [
      [`Attribute ${at + 1} name`, option.name],
      [`Attribute ${at + 1} value(s)`, cellOf(option)],
      [`Attribute ${at + 1} visible`, 1],
      [`Attribute ${at + 1} global`, 1],
    ]),
  );
}

/** The importer splits a cell at its commas; a comma that belongs to a value is written as `\,`. */
const listed = (values: readonly string[]) => values.map((value) => value.replaceAll(',', '\\,')).join(', ');

const metaColumn = (field: string) => `Meta: ${field}`;

function kilograms(weight: ProductEntry['metadata']['weight']): number | undefined {
  const grams = gramsOf(weight);
  return grams === undefined ? undefined : Number((grams / 1_000).toFixed(6));
}
