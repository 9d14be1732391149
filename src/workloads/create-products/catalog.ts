import { createHash } from 'node:crypto';
import type { ProductMetadata } from './schema.ts';

/** A product as the catalog keeps it. */
export interface CatalogProduct {
  tenant: string;
  catalogId: string;
  /** The shop's own id. */
  productId?: string;
  metadata: ProductMetadata;
  images: { key: string; width: number; height: number; bytes: number }[];
}

/** Where products are created. */
export interface Catalog {
  /** Creates the product, or updates the one that has its `catalogId`: saying it twice makes one product. */
  upsert(product: CatalogProduct, signal: AbortSignal): Promise<void>;
}

/**
 * The same for every delivery of a group, and for every job that carries the shop's own product id.
 * 96 bits of a SHA-256: no two of a tenant's products will meet.
 */
export function catalogIdOf(tenant: string, productId: string | undefined, idempotencyKey: string): string {
  const identity = productId === undefined ? ['item', idempotencyKey] : ['product', productId];
  const digest = createHash('sha256')
    .update(JSON.stringify([tenant, ...identity]))
    .digest('hex');
  return `prod_${digest.slice(0, 24)}`;
}
