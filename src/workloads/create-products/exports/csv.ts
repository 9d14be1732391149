import { csvWriter } from '../../../core/formats/csv/writer.ts';
import { parseWriteOptions } from '../../../core/formats/options.ts';
import type { ProductEntry } from '../entry.ts';
import type { MetadataView, ProductVariant } from '../metadata.ts';

/** A format of the shop's products. */
export interface ProductFormat {
  contentType: string;
  start(fields: readonly string[]): string;
  text(product: ProductEntry, fields: readonly string[]): string;
}

/** A row of a shop's file: cells by column. Columns without a cell stay empty. */
export type ShopRow = Readonly<Record<string, string | number | boolean | undefined>>;

/** A product format that is CSV with these columns, one or more rows for each product. */
export function csvFormat(
  columnsWith: (fields: readonly string[]) => readonly string[],
  rowsOf: (product: ProductEntry, fields: readonly string[]) => readonly ShopRow[],
): ProductFormat {
  const writerFor = (fields: readonly string[]) =>
    csvWriter(columnsWith(fields), parseWriteOptions({ format: 'csv' }));
  return {
    contentType: 'text/csv; charset=utf-8',
    start: (fields) => writerFor(fields).start,
    text(product, fields) {
      const writer = writerFor(fields);
      return rowsOf(product, fields)
        .map((row) => writer.row(row, false))
        .join('');
    },
  };
}

type VariantView = NonNullable<MetadataView['variants']>[number];

/** What is sold: the variants, or the product itself as the only one. Amounts that a variant lacks are the product's. */
export function offersOf({ metadata }: ProductEntry): (Omit<VariantView, 'optionValues'> & {
  optionValues: ProductVariant['optionValues'];
})[] {
  const { sku, barcode, price, compareAtPrice, weight, variants } = metadata;
  if (!variants) return [{ sku, barcode, price, compareAtPrice, weight, optionValues: {} }];
  return variants.map((variant) => ({
    ...variant,
    ...missingIn(variant, { price, compareAtPrice, weight }),
  }));
}

function missingIn<T extends object>(variant: object, defaults: T): Partial<T> {
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !(name in variant))) as Partial<T>;
}

/** Links to the pictures of a variant. */
export function picturesOf({ images }: ProductEntry, positions: readonly number[] = []): string[] {
  return positions.flatMap((position) => {
    const found = images.find(({ image }, at) => (image ?? at) === position);
    return found ? [found.url] : [];
  });
}

const gramsIn = { g: 1, kg: 1_000, lb: 453.59237, oz: 28.349523125 } as const;

/** A weight in grams, to a milligram. */
export function gramsOf(weight: MetadataView['weight']): number | undefined {
  return weight && Number((Number(weight.value) * gramsIn[weight.unit]).toFixed(3));
}

/** A custom field, which may have the name of something that every object has. */
export function ownField(custom: NonNullable<MetadataView['custom']>, field: string): ShopRow[string] {
  return Object.hasOwn(custom, field) ? custom[field] : undefined;
}
