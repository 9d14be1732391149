import * as z from 'zod';

/** Bytes of a product's metadata as JSON: with its pictures, its record stays below the 400 kB of a DynamoDB item. */
const maxBytes = 100_000;
/** As many options as Shopify knows, and as many variants as every shop takes. */
const maxOptions = 3;
const maxVariants = 100;
const maxTags = 250;
const maxFields = 50;

const short = z.string().trim().min(1).max(255);

const decimalText = /^\d{1,10}(?:\.\d{1,6})?$/;
/** An amount that keeps its digits as a text: `1.10`. */
const amount = (max: number) => {
  const error = `must be a decimal number from 0 to ${max}, such as '14.90'`;
  const abort = true;
  const text = z.string().regex(decimalText, { error, abort });
  const number = z.number().min(0, { error, abort }).max(max, { error, abort });
  return z.union(
    [
      text.refine((value) => Number(value) <= max, { error }),
      // A number that JavaScript would write with an exponent is none that anybody means.
      number.refine((value) => decimalText.test(String(value)), { error }),
    ],
    { error },
  );
};
const price = amount(1e9);

const wantsCurrency = "must be an ISO 4217 code such as 'EUR'";
const currencies = new Set(Intl.supportedValuesOf('currency'));

const weight = z.strictObject({
  value: amount(1e6),
  unit: z.enum(['g', 'kg', 'lb', 'oz']),
});

/** Refuses a list that has a value twice. Compares as shops do, without regard to case. */
function distinct<T>(list: readonly T[], keyOf: (value: T) => string | undefined): number {
  const keys = list.map((value) => keyOf(value)?.toLowerCase());
  return keys.findIndex((key, at) => key !== undefined && keys.indexOf(key) < at);
}

const values = (most: number) =>
  z
    .array(short)
    .min(1)
    .max(most)
    .superRefine((list, context) => {
      const again = distinct(list, (value) => value);
      if (again >= 0) context.addIssue({ code: 'custom', path: [again], message: 'is there twice' });
    });

const option = z.strictObject({ name: short, values: values(maxVariants) });

const variant = z.strictObject({
  sku: short.optional(),
  barcode: z.string().trim().min(1).max(64).optional(),
  price: price.optional(),
  compareAtPrice: price.optional(),
  weight: weight.optional(),
  optionValues: z
    .record(z.string(), z.string())
    .describe('A value for each of the options, by the name of the option'),
  images: z
    .array(z.int().min(0).max(19))
    .min(1)
    .max(20)
    .optional()
    .describe('Its pictures: positions of photos in the group, from 0'),
});

const wantsField = {
  error: 'must be a text of at most 5,000 characters, a number up to 1e15 or a boolean',
  abort: true,
};
/** Well within what a DynamoDB number holds. */
const fieldNumber = z
  .number()
  .min(-1e15, wantsField)
  .max(1e15, wantsField)
  .refine((value) => value === 0 || Math.abs(value) >= 1e-15, wantsField);
const field = z.union([z.string().max(5_000, wantsField), fieldNumber, z.boolean()], wantsField);
/** A name, or a namespace and a name: what metafields and meta data of shops are called. */
const fieldName = /^[a-z][\w-]{0,63}(?:\.[a-z][\w-]{0,63})?$/i;

const fields = z
  .record(z.string(), field)
  .superRefine((all, context) => {
    const names = Object.keys(all);
    if (names.length > maxFields)
      context.addIssue({ code: 'custom', message: `must have at most ${maxFields} fields` });
    for (const name of names) {
      if (fieldName.test(name)) continue;
      const message = "must be named like 'material' or 'details.material'";
      context.addIssue({ code: 'custom', path: [name], message });
    }
  })
  .describe('Fields of your own: texts, numbers or booleans by name, such as material or details.material');

const shape = z.strictObject({
  title: z.string().trim().min(1).max(200),
  description: z.string().max(10_000).optional(),
  category: z.string().max(200).optional(),
  location: z.string().max(200).optional(),
  sku: short.optional(),
  vendor: short.optional(),
  type: short.optional(),
  tags: z
    .array(short.regex(/^[^,]*$/, 'must not have a comma: files for shops separate tags by it'))
    .max(maxTags)
    .optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: wantsCurrency, abort: true })
    .refine((code) => currencies.has(code), { error: wantsCurrency })
    .optional()
    .describe('ISO 4217'),
  price: price.optional().describe('A decimal number; as a text it keeps its digits'),
  compareAtPrice: price.optional().describe('The price before a reduction'),
  barcode: z.string().trim().min(1).max(64).optional().describe('GTIN, UPC, EAN or ISBN'),
  weight: weight.optional(),
  options: z.array(option).min(1).max(maxOptions).optional().describe('What its variants differ in'),
  variants: z.array(variant).min(1).max(maxVariants).optional(),
  custom: fields.optional(),
});

export type ProductMetadata = z.infer<typeof shape>;
export type ProductVariant = z.infer<typeof variant>;

/** What a shop says about a product. */
export const productMetadata = shape.superRefine((metadata, context) => {
  for (const { path, message } of problemsOf(metadata)) context.addIssue({ code: 'custom', path, message });
});

interface Problem {
  path: (string | number)[];
  message: string;
}

function problemsOf(metadata: ProductMetadata): Problem[] {
  const { options, variants } = metadata;
  const problems: Problem[] = [];
  if (Buffer.byteLength(JSON.stringify(metadata)) > maxBytes)
    problems.push({ path: [], message: `must have at most ${maxBytes} bytes as JSON` });
  if (options && !variants) problems.push({ path: ['variants'], message: 'is needed beside options' });
  if (variants && !options) problems.push({ path: ['options'], message: 'is needed beside variants' });
  if (!options || !variants) return problems;

  const again = distinct(options, ({ name }) => name);
  if (again >= 0) problems.push({ path: ['options', again, 'name'], message: 'is there twice' });
  const skuAgain = distinct(variants, ({ sku }) => sku);
  if (skuAgain >= 0) {
    problems.push({ path: ['variants', skuAgain, 'sku'], message: 'is also the sku of another variant' });
  }
  problems.push(...variants.flatMap((one, at) => valueProblems(one, options, ['variants', at])));
  const same = distinct(variants, ({ optionValues }) =>
    JSON.stringify(options.map(({ name }) => optionValues[name])),
  );
  if (same >= 0) {
    problems.push({
      path: ['variants', same, 'optionValues'],
      message: 'are also those of another variant',
    });
  }
  return problems;
}

function valueProblems(
  { optionValues }: ProductVariant,
  options: NonNullable<ProductMetadata['options']>,
  path: Problem['path'],
): Problem[] {
  const at = [...path, 'optionValues'];
  const names = options.map(({ name }) => name);
  const unknown = Object.keys(optionValues).filter((name) => !names.includes(name));
  return [
    ...unknown.map((name) => ({
      path: [...at, name],
      message: `is none of the options ${names.join(', ')}`,
    })),
    ...options.flatMap(({ name, values }): Problem[] => {
      const value = Object.hasOwn(optionValues, name) ? optionValues[name] : undefined;
      if (value === undefined) return [{ path: [...at, name], message: 'is missing' }];
      if (values.includes(value)) return [];
      return [{ path: [...at, name], message: `must be one of ${values.slice(0, 10).join(', ')}` }];
    }),
  ];
}

/** Where variants name pictures that are not at these positions. */
export function pictureProblems(
  { variants = [] }: ProductMetadata,
  positions: ReadonlySet<number>,
): Problem[] {
  return variants.flatMap(({ images = [] }, at) =>
    images.flatMap((image, n) =>
      positions.has(image)
        ? []
        : [
            {
              path: ['variants', at, 'images', n],
              message: `is no photo: there is none at position ${image}`,
            },
          ],
    ),
  );
}

/** What {@link shownMetadata} gives: amounts are always texts. */
const text = z.string();
const shownWeight = weight.extend({ value: text });
const shownAmounts = {
  price: text.optional().describe('A decimal number'),
  compareAtPrice: text.optional().describe('The price before a reduction'),
  weight: shownWeight.optional(),
};
export const metadataView = shape.extend({
  ...shownAmounts,
  variants: z.array(variant.extend(shownAmounts)).optional(),
});
export type MetadataView = z.infer<typeof metadataView>;

/** Metadata as it is read back: a price that came as a number is a text, too. Keeps the order of the fields. */
export function shownMetadata(metadata: ProductMetadata): MetadataView {
  const variants = metadata.variants?.map((variant) => ({ ...variant, ...textsOf(variant) }));
  // Spread over what it replaces, the compiler takes an optional text for one that may still be a number.
  return { ...metadata, ...textsOf(metadata), ...(variants && { variants }) } as MetadataView;
}

type Amounts = Pick<ProductMetadata, 'price' | 'compareAtPrice' | 'weight'>;

function textsOf({ price, compareAtPrice, weight }: Amounts): Pick<MetadataView, keyof Amounts> {
  return {
    ...(price !== undefined && { price: String(price) }),
    ...(compareAtPrice !== undefined && { compareAtPrice: String(compareAtPrice) }),
    ...(weight && { weight: { ...weight, value: String(weight.value) } }),
  };
}
