import { describe, expect, it } from 'vitest';
import type { Environment } from '../../../src/core/engine/environment.ts';
import { catalogIdOf, openCatalog } from '../../../src/workloads/create-products/catalog.ts';
import { productEntry } from '../../../src/workloads/create-products/entry.ts';
import { pictureLinks } from '../../../src/workloads/create-products/links.ts';
import { memoryPorts } from '../memory.ts';
import { pictures, shirt } from './products.ts';

const signal = new AbortController().signal;

function open(env: Environment = {}) {
  const ports = memoryPorts({ SPILLWAY_CATALOG_TABLE: 'catalog', ...env });
  const catalog = openCatalog(ports, pictureLinks(ports.blobs, ports.env));
  return {
    catalog,
    blobs: ports.blobs,
    async add(tenant: string, productId: string, images = pictures(`${tenant}/job_1/0`, 0, 1)) {
      const catalogId = catalogIdOf(tenant, productId, '');
      for (const { key } of images) await ports.blobs.put(key, 'picture', 'image/webp');
      await catalog.upsert({ tenant, catalogId, productId, metadata: shirt, images }, signal);
      return catalogId;
    },
    async ids(tenant: string, after?: string) {
      const found: string[] = [];
      for await (const { catalogId } of catalog.entries(tenant, 2, after)) found.push(catalogId);
      return found;
    },
  };
}

describe('the catalog', () => {
  it('lists the products of a tenant in a stable order, and none of another', async () => {
    const { add, ids } = open();
    const mine = [];
    for (const id of ['a', 'b', 'c', 'd', 'e']) mine.push(await add('shop', id));
    const others = [await add('another', 'a')];
    expect(await ids('shop')).toEqual(mine.toSorted());
    expect(await ids('shop', mine.toSorted()[1])).toEqual(mine.toSorted().slice(2));
    expect([await ids('another'), await ids('nobody'), await ids('sho')]).toEqual([others, [], []]);
  });

  it('shows what was said about a product, its pictures with links, and when it changed', async () => {
    const { catalog, add } = open();
    const id = await add('shop', 'a');
    const product = await catalog.entry('shop', id);
    expect(productEntry.parse(product)).toEqual(product);
    expect(product).toMatchObject({
      catalogId: id,
      productId: 'a',
      metadata: shirt,
      images: [{ image: 0, url: 'https://store.test/products/shop/job_1/0/0.webp' }, { image: 1 }],
    });
    expect(await catalog.entry('another', id)).toBeUndefined();
    for (const odd of ['', 'prod_x', `${id}0`, '🙂'])
      expect(await catalog.entry('shop', odd)).toBeUndefined();
  });

  it.each(['https://cdn.test/shop', 'https://cdn.test/shop/'])('links permanently below %s', async (url) => {
    const { catalog, add } = open({ SPILLWAY_PICTURES_URL: url });
    const id = await add('shop', 'a', pictures('shop/job 1/0', 0));
    expect(await catalog.entry('shop', id)).toMatchObject({
      images: [{ url: 'https://cdn.test/shop/products/shop/job%201/0/0.webp' }],
    });
  });

  it('refuses an address for pictures that is none', () => {
    expect(() => open({ SPILLWAY_PICTURES_URL: 'cdn.test' })).toThrow(/SPILLWAY_PICTURES_URL: must be/);
  });

  it('changes metadata only, and says what is no product of the tenant', async () => {
    const { catalog, add } = open();
    const id = await add('shop', 'a');
    const before = await catalog.entry('shop', id);
    const changed = await catalog.change('shop', id, (metadata) => ({ ...Object(metadata), title: 'New' }));
    expect(changed).toMatchObject({ metadata: { ...shirt, title: 'New' }, images: [{}, {}] });
    expect(changed).toEqual(await catalog.entry('shop', id));
    expect(Object(changed).updatedAt > Object(before).updatedAt).toBe(true);
    expect(await catalog.change('another', id, () => ({ title: 'Theirs' }))).toBe('missing');
  });

  it('loses no change that is made at the same time', async () => {
    const { catalog, add } = open();
    const id = await add('shop', 'a');
    const tagged = (tag: string) =>
      catalog.change('shop', id, (metadata) => ({
        ...Object(metadata),
        tags: [...Object(metadata).tags, tag],
      }));
    await Promise.all(['1', '2', '3', '4'].map(tagged));
    const { metadata } = Object(await catalog.entry('shop', id));
    expect(metadata.tags.toSorted()).toEqual(['1', '2', '3', '4', 'cotton', 'summer']);
  });

  it('checks variants against the pictures that the product has', async () => {
    const { catalog, add } = open();
    const id = await add('shop', 'a', pictures('shop/job_1/0', 1));
    let places: unknown;
    await catalog.change('shop', id, (metadata, schema) => {
      places = schema.safeParse(metadata).error?.issues.map(({ path }) => path.join('.'));
      return metadata;
    });
    expect(places).toEqual(['variants.0.images.0']);
  });

  it('removes a product with all its pictures, however often, and nothing else', async () => {
    const { catalog, blobs, add, ids } = open();
    const id = await add('shop', 'a', pictures('shop/job_1/0', 0));
    const other = await add('shop', 'b', pictures('shop/job_1/00', 0));
    await blobs.put('products/shop/job_1/0/0-small.webp', 'rendition', 'image/webp');
    await catalog.remove('another', id);
    expect(await ids('shop')).toHaveLength(2);
    await catalog.remove('shop', id);
    await catalog.remove('shop', id);
    expect(await ids('shop')).toEqual([other]);
    const left = [];
    for await (const { key } of blobs.list('products/')) left.push(key);
    expect(left).toEqual(['products/shop/job_1/00/0.webp']);
  });

  it('finds the record again when a removal broke off half-way', async () => {
    const { catalog, blobs, add, ids } = open();
    const id = await add('shop', 'a');
    const real = blobs.delete;
    blobs.delete = async () => {
      throw new Error('The store is out of reach');
    };
    await expect(catalog.remove('shop', id)).rejects.toThrow('out of reach');
    expect(await ids('shop')).toEqual([id]);
    blobs.delete = real;
    await catalog.remove('shop', id);
    expect(await ids('shop')).toEqual([]);
  });
});
