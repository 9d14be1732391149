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
 * The columns of Shopify's product CSV that a catalog can fill, as a store exports them.
 * Source: Shopify Help Center, "Using CSV files to import and export products",
 * https://help.shopify.com/en/manual/products/import-export/using-csv (2026-11-28).
 */
const columns = [
  'Handle',
  'Title',
  'Body (HTML)',
  'Vendor',
  'Type',
  'Tags',
  'Published',
  'Option1 Name',
  'Option1 Value',
  'Option2 Name',
  'Option2 Value',
  'Option3 Name',
  'Option3 Value',
  'Variant SKU',
  'Variant Grams',
  'Variant Inventory Policy',
  'Variant Fulfillment Service',
  'Variant Price',
  'Variant Compare At Price',
  'Variant Requires Shipping',
  'Variant Taxable',
  'Variant Barcode',
  'Image Src',
  'Image Position',
  'Image Alt Text',
  'Gift Card',
  'Variant Image',
  'Variant Weight Unit',
  'Status',
] as const;

/** Namespace of a metafield whose field has none: the one that Shopify gives to fields made by hand. */
const usualNamespace = 'custom';

export const shopifyCsv: ProductFormat = csvFormat(
  (fields) => [...columns, ...fields.map(metafield)],
  (product, fields) => {
    const { metadata, images } = product;
    const offers = offersOf(product);
    const handle = handleOf(product);
    // The first rows tell of variants, and each row of one picture too: there are as many as the longer list has.
    return Array.from({ length: Math.max(offers.length, images.length) }, (_, at): ShopRow => {
      const [offer, image] = [offers[at], images[at]];
      return {
        Handle: handle,
        ...(at === 0 && headOf(product, fields)),
        ...(offer && {
          ...optionsOf(product, offer.optionValues, at === 0),
          'Variant SKU': offer.sku,
          'Variant Grams': gramsOf(offer.weight),
          'Variant Inventory Policy': 'deny',
          'Variant Fulfillment Service': 'manual',
          'Variant Price': offer.price,
          'Variant Compare At Price': offer.compareAtPrice,
          'Variant Requires Shipping': 'TRUE',
          'Variant Taxable': 'TRUE',
          'Variant Barcode': offer.barcode,
          'Variant Image': picturesOf(product, offer.images)[0],
          'Variant Weight Unit': offer.weight?.unit,
        }),
        ...(image && { 'Image Src': image.url, 'Image Position': at + 1, 'Image Alt Text': metadata.title }),
      };
    });
  },
);

/** What only the first row of a product has. Products arrive as drafts: a person publishes them. */
function headOf({ metadata }: ProductEntry, fields: readonly string[]): ShopRow {
  const { title, description, vendor, type, category, tags, custom = {} } = metadata;
  return {
    Title: title,
    'Body (HTML)': description === undefined ? undefined : htmlOf(description),
    Vendor: vendor,
    Type: type ?? category,
    Tags: tags?.join(', '),
    Published: 'FALSE',
    'Gift Card': 'FALSE',
    Status: 'draft',
    ...Object.fromEntries(fields.map((field) => [metafield(field), ownField(custom, field)])),
  };
}

function optionsOf(
  { metadata: { options } }: ProductEntry,
  values: Readonly<Record<string, string>>,
  first: boolean,
): ShopRow {
  // What Shopify calls the only variant of a product.
  if (!options) return { ...(first && { 'Option1 Name': 'Title' }), 'Option1 Value': 'Default Title' };
  return Object.fromEntries(
    options.flatMap(({ name }, at) => [
      ...(first ? [[`Option${at + 1} Name`, name]] : []),
      [`Option${at + 1} Value`, values[name]],
    ]),
  );
}

/**
 * The same for a product in every export. A handle has lower-case letters, digits and dashes; where that changes the
 * shop's own id, another id could become the same, and one product a variant of the other.
 */
function handleOf({ productId, catalogId, metadata }: ProductEntry): string {
  const readable = (productId ?? metadata.title)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 100);
  if (readable === productId) return readable;
  const distinction = catalogId.replace('prod_', '').slice(0, 12);
  return readable === '' ? distinction : `${readable}-${distinction}`;
}

const metafield = (field: string) => {
  const [namespace, key] = field.includes('.') ? field.split('.') : [usualNamespace, field];
  return `${key} (product.metafields.${namespace}.${key})`;
};

/** A plain text as HTML; a text that already has tags stays as it is. */
function htmlOf(text: string): string {
  if (/<\/?[a-z][^>]*>/i.test(text)) return text;
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(/\r?\n/g, '<br>');
}
