import * as z from 'zod';
import { slug } from '../../data/words.ts';

const customIdSchema = z.strictObject({
  namespace: z.string().optional(),
  key: z.string(),
  value: z.string(),
});

/** Which product is meant; exactly one of them. */
export const identifierSchema = z
  .strictObject({ id: z.string(), handle: z.string(), customId: customIdSchema })
  .partial()
  .refine((identifier) => Object.keys(identifier).length === 1, 'requires exactly one argument');

export type Identifier = z.infer<typeof identifierSchema>;

export const productSetSchema = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    handle: z.string(),
    descriptionHtml: z.string(),
    productType: z.string(),
    vendor: z.string(),
    category: z.string(),
    tags: z.array(z.string()),
    status: z.enum(['ACTIVE', 'ARCHIVED', 'DRAFT']),
    productOptions: z.array(
      z.looseObject({ name: z.string(), values: z.array(z.looseObject({ name: z.string() })) }),
    ),
    variants: z.array(
      z.looseObject({
        price: z.union([z.string(), z.number()]).optional(),
        sku: z.string().optional(),
        optionValues: z.array(
          z.looseObject({ optionName: z.string().optional(), name: z.string().optional() }),
        ),
      }),
    ),
    files: z.array(
      z.strictObject({
        originalSource: z.string().optional(),
        contentType: z.enum(['IMAGE', 'VIDEO', 'EXTERNAL_VIDEO', 'MODEL_3D', 'FILE']).optional(),
        alt: z.string().nullable().optional(),
        filename: z.string().optional(),
        id: z.string().optional(),
        duplicateResolutionMode: z.string().optional(),
      }),
    ),
    metafields: z.array(
      z.strictObject({
        namespace: z.string().optional(),
        key: z.string(),
        value: z.string(),
        type: z.string().optional(),
      }),
    ),
  })
  .partial();

export type ProductSetInput = z.infer<typeof productSetSchema>;

export interface UserError {
  code: string;
  field: string[];
  message: string;
}

/** A product as stored: the input's fields, and what the shop adds. */
export interface StoredProduct extends ProductSetInput {
  id: string;
  handle: string;
  number: number;
  createdAt: string;
  updatedAt: string;
}

export interface ProductStore {
  find(identifier: Identifier): StoredProduct | undefined;
  /** Creates or changes a product, at one stroke. What the input leaves out stays as it was. */
  set(
    identifier: Identifier | undefined,
    input: ProductSetInput,
    at: Date,
  ): { product?: StoredProduct; userErrors: UserError[] };
}

export function createProductStore(): ProductStore {
  const products = new Map<string, StoredProduct>();
  /** Ids by handle and by custom id. */
  const ids = new Map<string, string>();

  function find(identifier: Identifier): StoredProduct | undefined {
    return products.get(identifier.id ?? ids.get(keyOf(identifier)) ?? '');
  }

  function freeHandle(wanted: string): string {
    let handle = wanted;
    for (let n = 1; ids.has(keyOf({ handle })); n += 1) handle = `${wanted}-${n}`;
    return handle;
  }

  return {
    find,
    set: (identifier, input, at) => {
      const existing = identifier && find(identifier);
      const userErrors = complaints(identifier, existing, input);
      const owner = input.handle === undefined ? undefined : find({ handle: input.handle });
      if (owner !== undefined && owner.id !== existing?.id) {
        userErrors.push(
          complaint('HANDLE_NOT_UNIQUE', ['handle'], `Handle '${input.handle}' already in use.`),
        );
      }
      if (userErrors.length > 0) return { userErrors };
      const number = existing?.number ?? 1_000_001 + products.size;
      const now = at.toISOString();
      const product = {
        ...existing,
        ...input,
        number,
        id: existing?.id ?? `gid://shopify/Product/${number}`,
        handle: input.handle ?? existing?.handle ?? freeHandle(slug(input.title ?? '')),
        createdAt: existing?.createdAt ?? now,
        updatedAt: now,
      };
      if (existing !== undefined && existing.handle !== product.handle) ids.delete(keyOf(existing));
      products.set(product.id, product);
      ids.set(keyOf({ handle: product.handle }), product.id);
      if (identifier?.customId !== undefined) ids.set(keyOf(identifier), product.id);
      return { product, userErrors };
    },
  };
}

function keyOf({ handle, customId }: Pick<Identifier, 'handle' | 'customId'>): string {
  return customId === undefined
    ? `handle ${handle}`
    : `custom ${customId.namespace ?? ''} ${customId.key} ${customId.value}`;
}

function complaint(code: string, field: string[], message: string): UserError {
  return { code, field: ['input', ...field], message };
}

function complaints(
  identifier: Identifier | undefined,
  existing: StoredProduct | undefined,
  { title, handle, variants, productOptions, files, metafields }: ProductSetInput,
): UserError[] {
  const errors: UserError[] = [];
  const { id, handle: wanted, customId } = identifier ?? {};
  if (id !== undefined && existing === undefined) {
    errors.push({
      code: 'PRODUCT_DOES_NOT_EXIST',
      field: ['identifier', 'id'],
      message: 'Product does not exist',
    });
  }
  if (wanted !== undefined && handle === undefined) {
    errors.push(complaint('MISSING_FIELD_REQUIRED', ['handle'], 'The handle of the identifier is required.'));
  }
  if (wanted !== undefined && handle !== undefined && handle !== wanted) {
    errors.push(complaint('INPUT_MISMATCH', ['handle'], 'The handle does not match the identifier.'));
  }
  const tells = metafields?.some(({ key, value }) => key === customId?.key && value === customId.value);
  if (customId !== undefined && tells !== true) {
    const message = 'The metafields must contain the value of the identifier.';
    errors.push(complaint('METAFIELD_MISMATCH', ['metafields'], message));
  }
  if ((title ?? existing?.title ?? '').trim() === '') {
    errors.push(complaint('INVALID_PRODUCT', ['title'], "Title can't be blank"));
  }
  if ((title ?? '').length > 255) {
    errors.push(complaint('INVALID_PRODUCT', ['title'], 'Title is too long (maximum is 255 characters)'));
  }
  if (variants !== undefined && productOptions === undefined) {
    const message = 'Product options input is required when updating variants.';
    errors.push(complaint('PRODUCT_OPTIONS_INPUT_MISSING', ['productOptions'], message));
  }
  files?.forEach(({ originalSource, id: fileId }, index) => {
    if (fileId !== undefined || /^https?:\/\//.test(originalSource ?? '')) return;
    const field = ['files', String(index), 'originalSource'];
    errors.push(complaint('INVALID_INPUT', field, 'Image URL is invalid'));
  });
  return errors;
}
