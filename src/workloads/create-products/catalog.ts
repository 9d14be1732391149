import { createHash } from 'node:crypto';
import * as z from 'zod';
import { environmentErrors, readVariables } from '../../core/engine/environment.ts';
import { SpillwayError } from '../../core/engine/errors.ts';
import type { WorkloadPorts } from '../ports.ts';
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

/** Creates products. */
export interface Catalog {
  /** Creates the product, or updates the one with its `catalogId`: a repeated call makes one product. */
  upsert(product: CatalogProduct, signal: AbortSignal): Promise<void>;
}

export const catalogSettings = {
  /** Optional: functions that only read jobs have neither access to the catalog nor its name. */
  SPILLWAY_CATALOG_TABLE: z.string().min(1).optional(),
};

/** The built-in catalog: a table of products, by tenant and `catalogId`. */
export function openCatalog({ env, openRecords }: Pick<WorkloadPorts, 'env' | 'openRecords'>): Catalog {
  const { SPILLWAY_CATALOG_TABLE: table } = readVariables(catalogSettings, env);
  const products = table === undefined ? undefined : openRecords(table);
  return {
    async upsert({ tenant, catalogId, ...fields }, signal) {
      if (products) return products.upsert({ tenant, catalogId }, fields, signal);
      throw new SpillwayError(
        environmentErrors.CONFIGURATION_INVALID,
        'SPILLWAY_CATALOG_TABLE is not set for this function',
      );
    },
  };
}

/**
 * The same for every delivery of a group, and for every job with the shop's own product id. 96 bits of a SHA-256:
 * no two products of a tenant collide.
 */
export function catalogIdOf(tenant: string, productId: string | undefined, idempotencyKey: string): string {
  const identity = productId === undefined ? ['item', idempotencyKey] : ['product', productId];
  const digest = createHash('sha256')
    .update(JSON.stringify([tenant, ...identity]))
    .digest('hex');
  return `prod_${digest.slice(0, 24)}`;
}
