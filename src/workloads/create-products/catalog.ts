import { createHash } from 'node:crypto';
import * as z from 'zod';
import { environmentErrors, readVariables } from '../../core/engine/environment.ts';
import { SpillwayError } from '../../core/engine/errors.ts';
import type { Catalog } from '../../core/jobs/catalog.ts';
import type { KeptRecord, WorkloadPorts } from '../ports.ts';
import { type ProductEntry, productEntry } from './entry.ts';
import { exportFormats } from './exports/formats.ts';
import type { LinkTo } from './links.ts';
import { type ProductMetadata, pictureProblems, productMetadata, shownMetadata } from './metadata.ts';
import { type ProductImage, shownImages } from './product-view.ts';

/** A product as the catalog keeps it. */
export interface CatalogProduct {
  tenant: string;
  catalogId: string;
  /** The shop's own id. */
  productId?: string;
  metadata: ProductMetadata;
  images: ProductImage[];
}

/** The products of all tenants. */
export interface ProductCatalog extends Catalog {
  /** Creates the product, or updates the one with its `catalogId`: a repeated call makes one product. */
  upsert(product: CatalogProduct, signal: AbortSignal): Promise<void>;
}

export const catalogSettings = {
  /** Optional: functions that only read jobs have neither access to the catalog nor its name. */
  SPILLWAY_CATALOG_TABLE: z.string().min(1).optional(),
};

/** Times that a change is tried if the product changes meanwhile. */
const changeTries = 8;

type Ports = Pick<WorkloadPorts, 'blobs' | 'env' | 'openRecords'>;

/** The built-in catalog: a table of products, by tenant and `catalogId`. */
export function openCatalog({ env, openRecords, blobs }: Ports, linkTo: LinkTo): ProductCatalog {
  const { SPILLWAY_CATALOG_TABLE: table } = readVariables(catalogSettings, env);
  const opened = table === undefined ? undefined : openRecords(table);
  const products = () => {
    if (opened) return opened;
    throw new SpillwayError(
      environmentErrors.CONFIGURATION_INVALID,
      'SPILLWAY_CATALOG_TABLE is not set for this function',
    );
  };
  const find = async (tenant: string, catalogId: string) =>
    catalogIdPattern.test(catalogId) ? products().get({ tenant, catalogId }) : undefined;

  return {
    schema: productEntry,
    metadata: productMetadata,
    formats: exportFormats,

    upsert: ({ tenant, catalogId, ...fields }, signal) =>
      products().upsert({ tenant, catalogId }, fields, signal),

    async *entries(tenant, pageSize, after) {
      const from = after === undefined ? undefined : { tenant, catalogId: after };
      for await (const record of products().list({ tenant }, pageSize, from)) {
        yield await shownEntry(record, linkTo);
      }
    },

    async entry(tenant, catalogId) {
      const found = await find(tenant, catalogId);
      return found && shownEntry(found, linkTo);
    },

    async change(tenant, catalogId, edit) {
      for (let tries = 0; tries < changeTries; tries += 1) {
        const found = await find(tenant, catalogId);
        if (!found) return 'missing';
        const { metadata, images, updatedAt } = storedIn(found);
        const schema = metadataFor(images);
        const changed = { metadata: edit(metadata, schema) };
        const record = await products().change({ tenant, catalogId }, changed, updatedAt);
        if (record) return shownEntry(record, linkTo);
      }
      return 'busy';
    },

    async remove(tenant, catalogId) {
      const found = await find(tenant, catalogId);
      if (!found) return;
      // The pictures first: their keys are in the record, which a repeated call must still find.
      for (const folder of foldersOf(tenant, storedIn(found).images)) {
        const keys: string[] = [];
        for await (const { key } of blobs.list(folder)) keys.push(key);
        await blobs.delete(keys);
      }
      await products().remove({ tenant, catalogId });
    },
  };
}

interface StoredProduct extends CatalogProduct {
  createdAt: string;
  updatedAt: string;
}

/** Only {@link ProductCatalog.upsert} and `change` write to the table. */
const storedIn = (record: KeptRecord) => record as unknown as StoredProduct;

async function shownEntry(record: KeptRecord, linkTo: LinkTo): Promise<ProductEntry> {
  const { catalogId, productId, metadata, images, createdAt, updatedAt } = storedIn(record);
  return {
    catalogId,
    ...(productId !== undefined && { productId }),
    metadata: shownMetadata(metadata),
    images: await shownImages(images, linkTo),
    createdAt,
    updatedAt,
  };
}

/** What the metadata of a product with these pictures must be. */
function metadataFor(images: readonly ProductImage[]): z.ZodType {
  const positions = new Set(images.map(({ image }, at) => image ?? at));
  return productMetadata.superRefine((metadata, context) => {
    for (const { path, message } of pictureProblems(metadata, positions)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });
}

/** The folders that hold nothing but the pictures of this product. */
function foldersOf(tenant: string, images: readonly ProductImage[]): Set<string> {
  const folders = images.map(({ key }) => key.slice(0, key.lastIndexOf('/') + 1));
  return new Set(
    folders.filter((folder) => /^[^/]+\/[^/]+\/$/.test(folder.replace(`products/${tenant}/`, ''))),
  );
}

const catalogIdPattern = /^prod_[0-9a-f]{24}$/;

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
