import { describe, expect, it } from 'vitest';
import { check } from '../../../handlers/edge/input.ts';
import { Problem } from '../../../handlers/edge/problem.ts';
import { parseJson } from '../../../src/core/json/text.ts';
import { shownMetadata } from '../../../src/workloads/create-products/metadata.ts';
import { type ProductGroup, productGroup } from '../../../src/workloads/create-products/schema.ts';
import { shirt } from './products.ts';

const group = (metadata: unknown, photos = 2) => ({
  images: Array.from({ length: photos }, (_, n) => ({ key: `uploads/${n}.jpg` })),
  metadata,
});
const accepted = (metadata: unknown): ProductGroup => check(productGroup, group(metadata), 'group');
/** The places that are refused. */
function refused(metadata: unknown): string[] {
  try {
    accepted(metadata);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return (error.errors ?? []).map(({ path }) => path);
  }
}

describe('metadata', () => {
  it('of a real shop is accepted as it is', () => {
    expect(accepted(shirt).metadata).toEqual(shirt);
  });

  it('keeps the digits of a price that is a text, and takes numbers too', () => {
    const { metadata } = accepted(parseJson('{"title":"t","price":"1.10","compareAtPrice":2.50}'));
    expect(shownMetadata(metadata)).toEqual({ title: 't', price: '1.10', compareAtPrice: '2.5' });
  });

  it.each([
    ['price', '1,10'],
    ['price', '-1'],
    ['price', '1e3'],
    ['price', ' 1'],
    ['price', ''],
    ['price', -1],
    ['price', 1e-7],
    ['price', 1e10],
    ['price', true],
    ['compareAtPrice', '1.1234567'],
    ['currency', 'eur'],
    ['currency', 'EURO'],
    ['currency', 'ZZZ'],
    ['sku', ''],
    ['sku', 'x'.repeat(256)],
    ['vendor', 3],
    ['barcode', 'x'.repeat(65)],
    ['tags', 'a'],
    ['tags[1]', ['a', 'b, c']],
    ['weight.value', { value: '-1', unit: 'kg' }],
    ['weight.unit', { value: 1, unit: 'stone' }],
    ['weight.unit', { value: 1 }],
    ['custom.a b', { 'a b': 1 }],
    ['custom.a', { a: [1] }],
    ['custom.a', { a: 1e300 }],
    ['custom.a', { a: -1e-200 }],
    ['custom.a', { a: null }],
    ['colour', 'red'],
  ])('is refused at %s for %j', (path, value) => {
    const field = /^\w+/.exec(path)?.[0] ?? '';
    expect(refused({ title: 't', [field]: value })).toEqual([`metadata.${path}`]);
  });

  it.each<[string, (metadata: typeof shirt) => void]>([
    ['metadata.options', (all) => Reflect.deleteProperty(all, 'options')],
    ['metadata.variants', (all) => Reflect.deleteProperty(all, 'variants')],
    ['metadata.options[1].name', (all) => Object.assign(all.options[1] ?? {}, { name: 'size' })],
    ['metadata.options[0].values[1]', (all) => Object.assign(all.options[0] ?? {}, { values: ['S', 's'] })],
    ['metadata.variants[1].sku', (all) => Object.assign(all.variants[1] ?? {}, { sku: 'tee-s' })],
    [
      'metadata.variants[0].optionValues.Size',
      (all) => Object.assign(all.variants[0] ?? {}, { optionValues: { Colour: 'Red, dark' } }),
    ],
    [
      'metadata.variants[0].optionValues.Size',
      (all) => Object.assign(all.variants[0]?.optionValues ?? {}, { Size: 'XXL' }),
    ],
    [
      'metadata.variants[0].optionValues.Sleeve',
      (all) => Object.assign(all.variants[0]?.optionValues ?? {}, { Sleeve: 'long' }),
    ],
    [
      'metadata.variants[1].optionValues',
      (all) => Object.assign(all.variants[1] ?? {}, { optionValues: all.variants[0]?.optionValues }),
    ],
    ['metadata.variants[1].images[0]', (all) => Object.assign(all.variants[1] ?? {}, { images: [2] })],
    ['metadata.variants[0].price', (all) => Object.assign(all.variants[0] ?? {}, { price: 'free' })],
  ])('names the place %s of a mistake in variants', (path, spoil) => {
    const metadata = structuredClone(shirt);
    spoil(metadata);
    const places = refused(metadata);
    expect(places).toContain(path);
  });

  it('has a size', () => {
    const custom = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, 'x'.repeat(5_000)]));
    expect(refused({ title: 't', custom })).toEqual(['metadata']);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`f${n}`, n]));
    expect(refused({ title: 't', custom: many })).toEqual(['metadata.custom']);
  });
});
