import { describe, expect, it } from 'vitest';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import type { ProductEntry } from '../../../src/workloads/create-products/entry.ts';
import { exportFormats } from '../../../src/workloads/create-products/exports/formats.ts';
import { shownMetadata } from '../../../src/workloads/create-products/metadata.ts';
import { pictures, shirt } from './products.ts';

const product = (more: Partial<ProductEntry> = {}): ProductEntry => ({
  catalogId: 'prod_0123456789abcdef01234567',
  productId: 'TEE-1',
  metadata: shownMetadata(shirt),
  images: pictures('shop/job_1/0', 0, 1).map((image) => ({ ...image, url: `https://cdn.test/${image.key}` })),
  createdAt: '2026-11-28T00:00:00.000Z',
  updatedAt: '2026-11-28T00:00:00.000Z',
  ...more,
});
const plain = product({ productId: 'mug', metadata: { title: 'Mug', price: '1.10' }, images: [] });

/** The rows that a reader finds in a file of these products; cells that are empty are left out. */
async function rowsOf(format: keyof typeof exportFormats, products: ProductEntry[], fields: string[] = []) {
  const { start, text } = exportFormats[format];
  const file = start(fields) + products.map((one) => text(one, fields)).join('');
  const rows: Record<string, unknown>[] = [];
  const chunks = (async function* () {
    yield Buffer.from(file);
  })();
  for await (const batch of openRows(chunks, { format: 'csv' })) {
    for (const row of batch.rows) {
      if ('problem' in row) throw new Error(row.problem.message);
      rows.push(Object.fromEntries(Object.entries(row.value).filter(([, cell]) => cell !== '')));
    }
  }
  return rows;
}

describe('the export for Shopify', () => {
  it('has a row for each variant, the product in the first, and a picture in each', async () => {
    const [first, second, ...more] = await rowsOf('shopify-csv', [product()], ['material', 'details.wash']);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      Handle: 'tee-1-0123456789ab',
      Title: 'Tee, "organic"',
      'Body (HTML)': 'Soft &amp; light<br>Washable',
      Vendor: 'Acme',
      Type: 'Shirts',
      Tags: 'cotton, summer',
      'Option1 Name': 'Size',
      'Option1 Value': 'S',
      'Option2 Name': 'Colour',
      'Option2 Value': 'Red, dark',
      'Variant SKU': 'TEE-S',
      'Variant Grams': '250',
      'Variant Price': '19.90',
      'Variant Compare At Price': '24.90',
      'Image Src': 'https://cdn.test/products/shop/job_1/0/0.webp',
      'Image Position': '1',
      'Variant Image': 'https://cdn.test/products/shop/job_1/0/0.webp',
      'Variant Weight Unit': 'kg',
      Status: 'draft',
      'material (product.metafields.custom.material)': 'cotton',
      'wash (product.metafields.details.wash)': '40',
    });
    expect(second).toMatchObject({
      Handle: 'tee-1-0123456789ab',
      'Option1 Value': 'M',
      'Variant SKU': 'TEE-M',
      'Variant Price': '21.10',
      'Image Position': '2',
      'Variant Image': 'https://cdn.test/products/shop/job_1/0/1.webp',
    });
    expect(second).not.toHaveProperty('Title');
    expect(second).not.toHaveProperty('Option1 Name');
  });

  it('gives a product without variants the only one that Shopify knows, and more pictures rows of their own', async () => {
    const metadata = { title: 'Mug', price: '1.10', description: '<p>Blue</p>', category: 'Kitchen' };
    const images = [0, 1, 2].flatMap((n) => product().images[n % 2] ?? []);
    const rows = await rowsOf('shopify-csv', [product({ productId: 'mug', metadata, images })]);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      Handle: 'mug',
      'Body (HTML)': '<p>Blue</p>',
      Type: 'Kitchen',
      'Option1 Name': 'Title',
      'Option1 Value': 'Default Title',
      'Variant Price': '1.10',
    });
    expect(Object.keys(rows[2] ?? {})).toEqual(['Handle', 'Image Src', 'Image Position', 'Image Alt Text']);
    expect(await rowsOf('shopify-csv', [plain])).toHaveLength(1);
  });

  it('never lets two products share a handle', async () => {
    const ids = ['Mug 1', 'mug-1', 'MUG_1', 'mug--1', '商品', '产品', undefined];
    const products = ids.map((productId, n): ProductEntry => {
      const { productId: _, ...rest } = plain;
      return { ...rest, catalogId: `prod_${String(n).repeat(24)}`, ...(productId && { productId }) };
    });
    const handles = (await rowsOf('shopify-csv', products)).map(({ Handle }) => String(Handle));
    expect(new Set(handles).size).toBe(ids.length);
    for (const handle of handles) expect(handle).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});

describe('the export for WooCommerce', () => {
  it('has the product, then its variations, which name it', async () => {
    const [parent, small, medium] = await rowsOf('woocommerce-csv', [product()], ['organic', 'constructor']);
    const links = product().images.map(({ url }) => url);
    expect(parent).toMatchObject({
      Type: 'variable',
      SKU: 'TEE',
      'GTIN, UPC, EAN, or ISBN': '4006381333931',
      Name: 'Tee, "organic"',
      Published: '-1',
      'Weight (kg)': '0.25',
      Categories: 'Shirts',
      Tags: 'cotton, summer',
      Images: links.join(', '),
      Brands: 'Acme',
      'Attribute 1 name': 'Size',
      'Attribute 1 value(s)': 'S, M',
      'Attribute 2 value(s)': 'Red\\, dark',
      'Meta: organic': 'true',
    });
    expect(parent).not.toHaveProperty('Regular price');
    expect(parent).not.toHaveProperty('Meta: constructor');
    expect(small).toMatchObject({
      Type: 'variation',
      SKU: 'TEE-S',
      Parent: 'TEE',
      'Sale price': '19.90',
      'Regular price': '24.90',
      Images: links[0],
      'Attribute 1 value(s)': 'S',
      'Attribute 2 value(s)': 'Red\\, dark',
    });
    expect(medium).toMatchObject({ SKU: 'TEE-M', 'Sale price': '21.10', Images: links[1], Position: '2' });
  });

  it('gives every row a SKU that no other has', async () => {
    const metadata = shownMetadata({
      ...shirt,
      sku: 'TEE-S',
      variants: shirt.variants.map(({ sku, ...variant }, n) => (n === 0 ? { sku, ...variant } : variant)),
    });
    const skus = (await rowsOf('woocommerce-csv', [product({ metadata }), plain])).map(({ SKU }) => SKU);
    expect(skus).toEqual(['TEE-1', 'TEE-S', 'TEE-1-2', 'mug']);
    const tricky = shownMetadata({
      ...shirt,
      variants: shirt.variants.map(({ sku: _, ...variant }, n) =>
        n === 0 ? { sku: 'TEE-2', ...variant } : variant,
      ),
    });
    const others = (await rowsOf('woocommerce-csv', [product({ metadata: tricky })])).map(({ SKU }) => SKU);
    expect(others).toEqual(['TEE', 'TEE-2', 'TEE-2-x']);
  });

  it.each([
    [{ value: '1', unit: 'lb' as const }, '0.453592'],
    [{ value: '10', unit: 'oz' as const }, '0.283495'],
    [{ value: '1.10', unit: 'g' as const }, '0.0011'],
  ])('has the weight of %j in kilograms', async (weight, kilograms) => {
    const [row] = await rowsOf('woocommerce-csv', [product({ metadata: { title: 't', weight } })]);
    expect(row).toMatchObject({ Type: 'simple', 'Weight (kg)': kilograms });
  });
});

it('the export as JSON Lines has all of a product', () => {
  const { start, text } = exportFormats.jsonl;
  expect(start([])).toBe('');
  expect(text(product(), [])).toBe(`${JSON.stringify(product())}\n`);
});
