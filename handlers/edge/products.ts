import * as z from 'zod';
import { SpillwayError } from '../../src/core/engine/errors.ts';
import type { Catalog } from '../../src/core/jobs/catalog.ts';
import type { Webhook } from '../../src/core/jobs/model/webhook.ts';
import { jobView } from '../../src/core/jobs/views/job-view.ts';
import type { Workload } from '../../src/core/jobs/workload.ts';
import type { ProductEntry } from '../../src/workloads/create-products/entry.ts';
import type { productMetadata } from '../../src/workloads/create-products/metadata.ts';
import type { ProductView } from '../../src/workloads/create-products/product-view.ts';
import type { createProductsOptions, productGroup } from '../../src/workloads/create-products/schema.ts';
import { workloadErrors } from '../../src/workloads/workload-errors.ts';
import { continuation, timings } from './answers.ts';
import { requestOptions } from './requests.ts';

/** The workload with its own route. It defines the shape of its items and outcomes itself. */
const productsWorkload = 'create-products';

/** The workload of `POST /create-products`. Throws `WORKLOAD_INVALID` if the service has none of that name. */
export function productsIn(workloads: Iterable<Workload>): Workload {
  for (const workload of workloads) if (workload.name === productsWorkload) return workload;
  throw new SpillwayError(
    workloadErrors.WORKLOAD_INVALID,
    `POST /create-products needs the workload ${productsWorkload}`,
  );
}

/** Most groups in a request: its answer has a place for each. */
const maxGroups = 500;

/** Body of `POST /create-products`. */
export const productsRequest = (workload: Workload) =>
  z
    .strictObject({
      productGroups: z.array(workload.item).min(1).max(maxGroups),
      options: requestOptions(workload).prefault({}),
    })
    .superRefine(({ productGroups }, context) => {
      const seen = new Set<string>();
      productGroups.forEach((group, index) => {
        const productId = workload.idOf?.(group);
        if (productId === undefined) return;
        if (seen.has(productId)) {
          const message = `'${productId}' is also the productId of another group`;
          context.addIssue({ code: 'custom', path: ['productGroups', index, 'productId'], message });
        }
        seen.add(productId);
      });
    });

/** As clients see it. */
export interface ProductsRequest {
  productGroups: z.input<typeof productGroup>[];
  options?: z.input<typeof createProductsOptions> & { webhook?: Webhook };
}

/** A group as the answer shows it. Throws `WORKLOAD_INVALID` if the workload defines no view. */
export function productOf({ name, view }: Workload): z.ZodType {
  if (view?.schema) return view.schema;
  throw new SpillwayError(workloadErrors.WORKLOAD_INVALID, `${name}: its view must have a schema`);
}

/** Answer of `POST /create-products`. */
export const productsAnswer = (workload: Workload) =>
  jobView.extend({
    products: z.array(productOf(workload)).describe('As many as one answer can hold'),
    ...continuation,
    timings,
  });

/** As clients see it. */
export type ProductsAnswer = Omit<z.output<ReturnType<typeof productsAnswer>>, 'products'> & {
  products: ProductView[];
};

/** The catalog that `POST /create-products` fills. Throws `WORKLOAD_INVALID` if its workload has none. */
export function catalogIn(workloads: Iterable<Workload>): Catalog {
  const { name, catalog } = productsIn(workloads);
  if (catalog) return catalog;
  throw new SpillwayError(workloadErrors.WORKLOAD_INVALID, `${name}: it must have a catalog`);
}

const productCursor = z
  .string()
  .regex(/^prod_[0-9a-f]{24}$/, 'must be the cursor from an earlier page')
  .optional()
  .describe('From the previous page');

/** Query of `GET /products`. */
export const productsQuery = z.strictObject({
  limit: z.coerce.number('must be a whole number from 1 to 200').int().min(1).max(200).default(50),
  cursor: productCursor,
});

const maxFields = 50;

/** Query of `GET /products/export`. */
export const exportQuery = ({ formats }: Catalog) =>
  z.strictObject({
    format: z.enum(Object.keys(formats)),
    fields: z
      .string()
      .default('')
      .transform((names) => [...new Set(names.split(',').filter((name) => name !== ''))])
      .pipe(z.array(z.string().max(129)).max(maxFields))
      .describe('CSV: custom fields that get columns of their own, separated by commas. JSON Lines has all'),
    cursor: productCursor,
  });

/** Body of `PATCH /products/{id}`. */
export const productPatch = z.strictObject({
  metadata: z
    .record(z.string(), z.unknown())
    .describe('Merged into the metadata as RFC 7396 says: null removes a field, a list replaces one'),
});

/** A product of the catalog as clients see it. */
export type Product = ProductEntry;
export type ProductPatch = {
  metadata: {
    [Field in keyof z.input<typeof productMetadata>]?: z.input<typeof productMetadata>[Field] | null;
  };
};
export type ProductsQuery = z.input<typeof productsQuery>;
export type ExportQuery = Omit<z.input<ReturnType<typeof exportQuery>>, 'cursor'>;

/** Answer of `GET /products`. */
export const productList = ({ schema }: Catalog) =>
  z.object({
    products: z.array(schema).describe('As many as one answer can hold, and at most `limit`'),
    cursor: z.string().exactOptional().describe('Cursor of the next page; absent on the last page'),
  });

/** As clients see it. */
export interface ProductList {
  products: Product[];
  cursor?: string;
}
