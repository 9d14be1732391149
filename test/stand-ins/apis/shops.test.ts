import { describe, expect, it } from 'vitest';
import { useSandbox } from '../http.ts';

const { get, post, restrict, sandbox } = useSandbox();

interface Graphql {
  data: {
    productSet: { product: { id: string }; userErrors: readonly { code: string }[] };
    productByIdentifier: { id: string } | null;
    product: { id: string } | null;
  };
  errors: readonly [{ message: string }];
  extensions: { cost: object };
}

interface WooProduct {
  id: number;
}

interface WooError {
  code: string;
  data: { status: number };
}

describe('Shopify', () => {
  const headers = { 'x-shopify-access-token': 'shpat_x' };
  const mutation = `mutation set($input: ProductSetInput!, $identifier: ProductSetIdentifiers) {
    productSet(input: $input, identifier: $identifier, synchronous: true) {
      product { id title handle status media(first: 5) { nodes { id alt } } variants(first: 1) { edges { node { sku } } } }
      userErrors { code field message }
    }
  }`;
  const ask = (query: string, variables: object = {}, key: Record<string, string> = headers) =>
    post<Graphql>('shopify', '/admin/api/2025-10/graphql.json', { query, variables }, key);
  const set = (input: object, identifier?: object) => ask(mutation, { input, identifier });
  const mug = { title: 'Mug', handle: 'mug', status: 'DRAFT' };

  it('creates a product, and tells only what was selected', async () => {
    const files = [{ originalSource: 'https://example.com/mug.jpg', contentType: 'IMAGE', alt: 'A mug' }];
    const { status, body } = await set({ ...mug, files }, { handle: 'mug' });
    expect(status).toBe(200);
    expect(body.data.productSet).toEqual({
      product: {
        ...{ id: expect.stringMatching(/^gid:\/\/shopify\/Product\/\d+$/), ...mug },
        media: { nodes: [{ id: expect.any(String), alt: 'A mug' }] },
        variants: { edges: [{ node: { sku: null } }] },
      },
      userErrors: [],
    });
    expect(body.extensions.cost).toMatchObject({
      ...{ requestedQueryCost: 10, actualQueryCost: 10 },
      throttleStatus: { maximumAvailable: 2000, restoreRate: 10_000 },
    });
  });

  it('changes the product that the identifier names, and creates no second, also at the same time', async () => {
    const all = await Promise.all(
      [1, 2, 3].map((n) => set({ ...mug, title: `Mug ${n}` }, { handle: 'mug' })),
    );
    const ids = new Set(all.map(({ body }) => body.data.productSet.product.id));
    expect(ids.size).toBe(1);
    const query =
      'query ($handle: String!) { productByIdentifier(identifier: {handle: $handle}) { id title } }';
    const { body } = await ask(query, { handle: 'mug' });
    expect(body.data.productByIdentifier).toMatchObject({ id: [...ids][0] });
    const byId = await ask('query { product(id: "gid://shopify/Product/1") { id } }');
    expect(byId.body.data.product).toBeNull();
  });

  it('finds a product by a custom id, which its metafields must hold', async () => {
    const customId = { namespace: 'custom', key: 'sku', value: 'mug-1' };
    const missing = await set({ title: 'Mug' }, { customId });
    expect(missing.body.data.productSet.userErrors).toMatchObject([{ code: 'METAFIELD_MISMATCH' }]);
    const input = { title: 'Mug', metafields: [customId] };
    const [one, two] = [await set(input, { customId }), await set(input, { customId })];
    expect(two.body.data.productSet.product.id).toBe(one.body.data.productSet.product.id);
  });

  it.each([
    [{ handle: 'mug' }, { handle: 'mug' }, 'INVALID_PRODUCT'],
    [{ title: 'Mug' }, { handle: 'mug' }, 'MISSING_FIELD_REQUIRED'],
    [{ title: 'Mug', handle: 'cup' }, { handle: 'mug' }, 'INPUT_MISMATCH'],
    [{ title: 'Mug' }, { id: 'gid://shopify/Product/1' }, 'PRODUCT_DOES_NOT_EXIST'],
    [{ title: 'Mug', files: [{ originalSource: 'mug.jpg' }] }, undefined, 'INVALID_INPUT'],
    [{ title: 'Mug', variants: [{ optionValues: [] }] }, undefined, 'PRODUCT_OPTIONS_INPUT_MISSING'],
  ])('tells the user what is wrong with %j', async (input, identifier, code) => {
    const { body } = await set(input, identifier);
    expect(body.data.productSet.product).toBeNull();
    expect(body.data.productSet.userErrors.map((error) => error.code)).toContain(code);
  });

  it('does not give the same handle to two products', async () => {
    await set(mug);
    const { body } = await set(mug);
    expect(body.data.productSet.userErrors).toMatchObject([{ code: 'HANDLE_NOT_UNIQUE' }]);
  });

  it.each([
    ['no GraphQL', 'mutation {', {}],
    ['an unknown mutation', 'mutation { productCreate(input: {}) { product { id } } }', {}],
    ['an unknown field', mutation.replace('id title', 'id colour'), { input: mug }],
    ['an unknown input field', mutation, { input: { ...mug, colour: 'red' } }],
    ['a wrong status', mutation, { input: { ...mug, status: 'LIVE' } }],
  ])('refuses %s, and does nothing', async (_, query, variables) => {
    const { status, body } = await ask(query, variables);
    expect([status, body.data]).toEqual([200, undefined]);
    expect(body.errors[0].message).toEqual(expect.any(String));
    const stored = await ask('{ productByIdentifier(identifier: {handle: "mug"}) { id } }');
    expect(stored.body.data.productByIdentifier).toBeNull();
  });

  it('refuses a wrong token', async () => {
    const { status, body } = await ask(mutation, { input: mug }, {});
    expect([status, body.errors]).toEqual([401, expect.stringContaining('Invalid API key')]);
  });

  it('throttles by cost, with 200', async () => {
    restrict('shopify', 'points', 15);
    await set(mug, { handle: 'mug' });
    const { status, body } = await set(mug, { handle: 'mug' });
    expect(status).toBe(200);
    expect(body.errors).toMatchObject([{ message: 'Throttled', extensions: { code: 'THROTTLED' } }]);
    expect(body.extensions.cost).toMatchObject({
      ...{ requestedQueryCost: 10, throttleStatus: { maximumAvailable: 15, currentlyAvailable: 5 } },
    });
    expect(sandbox().stats()).toMatchObject([{ api: 'shopify', admitted: 1, rejected: 1 }]);
  });
});

describe('WooCommerce', () => {
  const headers = { authorization: `Basic ${btoa('ck_key:cs_secret')}` };
  const products = '/wp-json/wc/v3/products';
  const create = (body: unknown, key: Record<string, string> = headers) =>
    post<WooProduct & WooError>('woocommerce', products, body, key);
  const mug = { name: 'Mug', sku: 'mug-1', regular_price: '21.99', status: 'draft' };

  it('creates a product that is found again', async () => {
    const images = [{ src: 'https://example.com/mug.jpg' }];
    const { status, body } = await create({ ...mug, images });
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: expect.any(Number), ...mug, price: '21.99', images });
    expect((await get('woocommerce', `${products}?sku=mug-1`, headers)).body).toEqual([body]);
    expect((await get('woocommerce', `${products}/${body.id}`, headers)).body).toEqual(body);
    expect((await get('woocommerce', `${products}?sku=other`, headers)).body).toEqual([]);
    expect((await get('woocommerce', `${products}/1`, headers)).status).toBe(404);
  });

  it('refuses a SKU that there is already, and tells whose it is', async () => {
    const first = await create(mug);
    const { status, body } = await create(mug);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'product_invalid_sku',
      data: { status: 400, resource_id: first.body.id },
    });
  });

  it('creates the same SKU twice when two ask at the same time', async () => {
    const both = await Promise.all([create(mug), create(mug)]);
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect((await get('woocommerce', `${products}?sku=mug-1`, headers)).body).toHaveLength(2);
  });

  it('creates as many products without a SKU as are asked for', async () => {
    const ids = [await create({ name: 'Mug' }), await create({ name: 'Mug' })].map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    [{ ...mug, status: 'live' }, 'rest_invalid_param'],
    [{ ...mug, regular_price: 21.99 }, 'rest_invalid_param'],
    [{ ...mug, images: [{ src: 'mug.jpg' }] }, 'woocommerce_product_image_upload_error'],
    ['{', 'rest_invalid_json'],
  ])('refuses %j', async (input, code) => {
    const { status, body } = await create(input);
    expect([status, body.code, body.data.status]).toEqual([400, code, 400]);
  });

  it.each([
    [{}, 'woocommerce_rest_cannot_create'],
    [{ authorization: `Basic ${btoa('invalid:key')}` }, 'woocommerce_rest_authentication_error'],
  ])('refuses the headers %j', async (wrong, code) => {
    const { status, body } = await create(mug, wrong);
    expect([status, body.code]).toEqual([401, code]);
  });

  it('throttles with 429', async () => {
    restrict('woocommerce', 'requests');
    await create(mug);
    const { status, headers, body } = await create(mug);
    expect([status, body.data.status]).toEqual([429, 429]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
