import * as z from 'zod';
import { failureView } from '../../core/engine/failure-view.ts';
import type { Outcome } from '../../core/jobs/model/job.ts';
import type { View } from '../../core/jobs/workload.ts';
import type { LinkTo } from './links.ts';

/** A finished picture of a product. */
export const productImage = z.object({
  image: z.int().min(0).exactOptional().describe('Position of its photo in the group, from 0'),
  key: z.string(),
  width: z.int().min(1),
  height: z.int().min(1),
  bytes: z.int().min(1),
  subjectFound: z.boolean().describe('false: no subject was found, so the background was kept'),
});
export type ProductImage = z.output<typeof productImage>;

/** A picture as the API shows it. */
export const shownImage = productImage.extend({
  url: z
    .url()
    .describe('A link to the picture. It expires, unless the service has a public address for pictures'),
});

export function shownImages(
  images: readonly ProductImage[],
  linkTo: LinkTo,
): Promise<z.output<typeof shownImage>[]> {
  return Promise.all(images.map(async (image) => ({ ...image, url: await linkTo(image.key) })));
}

/** A photo of the group that could not be used. */
const imageError = failureView.extend({
  image: z.int().min(0).describe('Position of the photo in its group, from 0'),
});
export type ImageError = z.output<typeof imageError>;

export interface CreatedProduct {
  productId?: string;
  catalogId: string;
  images: ProductImage[];
  imageErrors: ImageError[];
}

/** A group's outcome as the API shows it; pictures get links. */
const productSchema = z.object({
  index: z.int().min(0).describe('Position of the group in the request, from 0'),
  productId: z.string().exactOptional(),
  status: z.enum(['created', 'failed', 'pending']),
  catalogId: z.string().exactOptional(),
  images: z.array(shownImage),
  imageErrors: z.array(imageError).exactOptional().describe('Photos of the group that could not be used'),
  error: failureView.exactOptional(),
  attempts: z.int().min(0).describe('How often the slice of the group was delivered before its outcome'),
  durationMs: z.number().min(0),
  ranOn: z.string().exactOptional().describe('Name of the function that settled the group'),
});
export type ProductView = z.output<typeof productSchema>;

export function productView(linkTo: LinkTo): View<CreatedProduct> {
  return {
    schema: productSchema,
    succeeded: 'created',
    show: (outcome) => shownProduct(outcome, linkTo),
    pending: pendingProduct,
  };
}

async function shownProduct(outcome: Outcome<CreatedProduct>, linkTo: LinkTo): Promise<ProductView> {
  const { index, itemId, attempts, durationMs, ranOn } = outcome;
  const base = { index, ...(itemId !== undefined && { productId: itemId }), attempts, durationMs, ranOn };
  if (outcome.status === 'failed') return { ...base, status: 'failed', images: [], error: outcome.error };
  const { catalogId, imageErrors } = outcome.output;
  return {
    ...base,
    status: 'created',
    catalogId,
    images: await shownImages(outcome.output.images, linkTo),
    ...(imageErrors.length > 0 && { imageErrors }),
  };
}

function pendingProduct(index: number, productId: string | undefined): ProductView {
  const identity = productId === undefined ? {} : { productId };
  return { index, ...identity, status: 'pending', images: [], attempts: 0, durationMs: 0 };
}
