import type { StoredProduct } from './product-store.ts';

/** A product as GraphQL shows it: everything that may be selected. */
export function productView(product: StoredProduct) {
  const { number, variants = [{ optionValues: [] }], files = [], metafields = [] } = product;
  const variantNodes = variants.map(({ price = '0.00', sku, optionValues }, index) => ({
    id: `gid://shopify/ProductVariant/${number}${String(index).padStart(3, '0')}`,
    title: optionValues.map(({ name }) => name).join(' / ') || 'Default Title',
    price: String(price),
    sku: sku ?? null,
    position: index + 1,
  }));
  const mediaNodes = files.map(({ alt, contentType = 'IMAGE', originalSource }, index) => ({
    id: `gid://shopify/MediaImage/${number}${String(index).padStart(3, '0')}`,
    alt: alt ?? '',
    mediaContentType: contentType,
    status: 'UPLOADED',
    originalSource: { url: originalSource ?? null },
  }));
  return {
    __typename: 'Product',
    id: product.id,
    legacyResourceId: String(number),
    title: product.title ?? '',
    handle: product.handle,
    descriptionHtml: product.descriptionHtml ?? '',
    productType: product.productType ?? '',
    vendor: product.vendor ?? '',
    tags: product.tags ?? [],
    status: product.status ?? 'ACTIVE',
    createdAt: product.createdAt,
    updatedAt: product.updatedAt,
    onlineStoreUrl: null,
    onlineStorePreviewUrl: `https://sandbox.myshopify.com/products/${product.handle}`,
    options: (product.productOptions ?? []).map(({ name, values }, index) => ({
      id: `gid://shopify/ProductOption/${number}${index}`,
      name,
      position: index + 1,
      values: values.map((value) => value.name),
    })),
    variants: connection(variantNodes),
    variantsCount: { count: variantNodes.length },
    media: connection(mediaNodes),
    mediaCount: { count: mediaNodes.length },
    metafields: connection(
      metafields.map(({ namespace = 'custom', key, value }) => ({ namespace, key, value })),
    ),
  };
}

function connection<T>(nodes: readonly T[]) {
  return {
    nodes,
    edges: nodes.map((node, index) => ({ node, cursor: String(index) })),
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  };
}
