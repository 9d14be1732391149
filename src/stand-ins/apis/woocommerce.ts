import * as z from 'zod';
import { slug } from '../data/words.ts';
import { calm } from '../settings.ts';
import { type Api, type ApiDefinition, type ApiRequest, json, type Reply, type World } from './api.ts';
import { credential } from './credentials.ts';
import { retryAfter } from './retry-after.ts';

const productSchema = z.object({
  name: z.string().default('Product'),
  type: z.enum(['simple', 'grouped', 'external', 'variable']).default('simple'),
  status: z.enum(['draft', 'pending', 'private', 'publish']).default('publish'),
  sku: z.string().default(''),
  regular_price: z.string().default(''),
  description: z.string().default(''),
  short_description: z.string().default(''),
  images: z.array(z.object({ src: z.string(), alt: z.string().default('') })).default([]),
});

type ProductInput = z.infer<typeof productSchema>;
type Product = ReturnType<typeof created>;

/**
 * A shop's products. The shop looks for a SKU when a request comes in and stores the product when it answers, so that
 * two requests at the same time can create the same SKU twice, as the real one lets happen. A restricted number of
 * PHP workers serves all.
 */
export const woocommerce: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'log-normal', medianMs: 800, sigma: 0.3 },
    // Its host's, since the plugin itself has none.
    limits: { requests: { rate: 25, per: 'second', burst: 50 } },
    capacity: { servers: 10, queue: 100 },
  }),
  create,
};

function create({ time }: World): Api {
  const products: Product[] = [];
  const bySku = new Map<string, Product[]>();
  const withSku = (sku: string) => bySku.get(sku) ?? [];

  function authorize(request: ApiRequest, action: 'create' | 'view'): { account: string } | Reply {
    const header = /^Basic +(\S+)$/i.exec(request.header('authorization') ?? '')?.[1];
    const key = header && Buffer.from(header, 'base64').toString();
    if (key === undefined) {
      const what = action === 'create' ? 'create resources' : 'list resources';
      return failure(401, `woocommerce_rest_cannot_${action}`, `Sorry, you are not allowed to ${what}.`);
    }
    if (credential(key) === 'valid' && key.includes(':')) return { account: key };
    return failure(401, 'woocommerce_rest_authentication_error', 'Consumer key is invalid.');
  }

  function add(input: ProductInput): Reply {
    const product = created(100 + products.length, input, new Date(time.epochMs()));
    products.push(product);
    if (product.sku !== '') bySku.set(product.sku, [...withSku(product.sku), product]);
    return json(201, product);
  }

  return {
    failure: (status) => {
      if (status === 404) return failure(404, 'rest_no_route', 'No route was found matching the URL.');
      return failure(status, 'internal_server_error', 'There has been a critical error on this website.');
    },
    throttled: ({ waitMs }) => {
      const reply = failure(429, 'too_many_requests', 'Too many requests.');
      return { ...reply, headers: { ...reply.headers, 'retry-after': retryAfter(time, waitMs) } };
    },
    routes: [
      {
        method: 'POST',
        path: '/wp-json/wc/v3/products',
        operation: 'createProduct',
        decide: (request) => {
          const caller = authorize(request, 'create');
          if ('status' in caller) return caller;
          const body = request.json();
          if (body === undefined) return failure(400, 'rest_invalid_json', 'Invalid JSON body passed.');
          const input = productSchema.safeParse(body);
          if (!input.success) return invalidParameters(input.error);
          const { sku, images } = input.data;
          const [other] = withSku(sku);
          const unusable = images.find(({ src }) => !/^https?:\/\//.test(src));
          const reply = () => {
            if (other !== undefined) return duplicate(sku, other.id);
            if (unusable === undefined) return add(input.data);
            const message = `Error getting remote image ${unusable.src}. Error: A valid URL was not provided.`;
            return failure(400, 'woocommerce_product_image_upload_error', message);
          };
          return { ...caller, keys: [sku || input.data.name], cost: { requests: 1 }, answer: reply };
        },
      },
      {
        method: 'GET',
        path: '/wp-json/wc/v3/products',
        operation: 'listProducts',
        decide: (request) => {
          const caller = authorize(request, 'view');
          if ('status' in caller) return caller;
          const sku = request.query('sku');
          const count = Number(request.query('per_page') ?? 10);
          const found = () => (sku === undefined ? [...products].reverse() : withSku(sku));
          return {
            ...caller,
            keys: sku === undefined ? [] : [sku],
            cost: { requests: 1 },
            answer: () => json(200, found().slice(0, count), { 'x-wp-total': String(found().length) }),
          };
        },
      },
      {
        method: 'GET',
        path: '/wp-json/wc/v3/products/:id',
        operation: 'getProduct',
        decide: (request) => {
          const caller = authorize(request, 'view');
          if ('status' in caller) return caller;
          const id = Number(request.param('id'));
          const find = () => products.find((product) => product.id === id);
          const missing = () => failure(404, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');
          const answer = () => {
            const product = find();
            return product === undefined ? missing() : json(200, product);
          };
          return { ...caller, keys: [String(id)], cost: { requests: 1 }, answer };
        },
      },
    ],
  };
}

function created(id: number, input: ProductInput, at: Date) {
  const { images, ...rest } = input;
  return {
    id,
    slug: `${slug(input.name)}-${id}`,
    permalink: `https://shop.example.com/product/${slug(input.name)}-${id}/`,
    date_created: at.toISOString().slice(0, 19),
    ...rest,
    price: input.regular_price,
    images: images.map(({ src, alt }, index) => ({ id: id * 100 + index, src, alt, name: '' })),
  };
}

function failure(status: number, code: string, message: string, data: object = {}): Reply {
  return json(status, { code, message, data: { status, ...data } });
}

function duplicate(sku: string, id: number): Reply {
  const data = { resource_id: id, unique_sku: `${sku}-1` };
  return failure(400, 'product_invalid_sku', 'Invalid or duplicated SKU.', data);
}

function invalidParameters(error: z.ZodError): Reply {
  const params = Object.fromEntries(
    error.issues.map(({ path, message }) => [String(path[0] ?? 'body'), message]),
  );
  const names = Object.keys(params).join(', ');
  return failure(400, 'rest_invalid_param', `Invalid parameter(s): ${names}`, { params });
}
