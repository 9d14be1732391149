import * as z from 'zod';
import { failureView } from '../../core/engine/failure-view.ts';
import type { Outcome } from '../../core/jobs/model/job.ts';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import type { View } from '../../core/jobs/workload.ts';
import { reviewReasons } from './pictures/review.ts';

const storedPicture = z.object({
  key: z.string(),
  width: z.int().min(1),
  height: z.int().min(1),
  bytes: z.int().min(1),
});
const rendition = storedPicture.extend({ name: z.string() });

/** A finished picture of a product. */
export const productImage = storedPicture.extend({
  subjectFound: z.boolean().describe('false: no subject was found, so the background was kept'),
  confidence: z.number().min(0).max(1).describe('Estimated probability that the cut-out is right'),
  needsReview: z.boolean().describe('Somebody should look at the picture before a shop shows it'),
  reviewReasons: z.array(z.enum(reviewReasons)).describe('Why; empty if nobody need look'),
  renditions: z.array(rendition).describe('More pictures of the photo, as the options name them'),
});
export type ProductImage = z.output<typeof productImage>;

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

const link = z.url().describe('A link that expires');

/** A group's outcome as the API shows it; pictures get expiring links. */
const productSchema = z.object({
  index: z.int().min(0).describe('Position of the group in the request, from 0'),
  productId: z.string().exactOptional(),
  status: z.enum(['created', 'failed', 'pending']),
  catalogId: z.string().exactOptional(),
  images: z.array(productImage.extend({ url: link, renditions: z.array(rendition.extend({ url: link })) })),
  imageErrors: z.array(imageError).exactOptional().describe('Photos of the group that could not be used'),
  error: failureView.exactOptional(),
  attempts: z.int().min(0).describe('How often the slice of the group was delivered before its outcome'),
  durationMs: z.number().min(0),
  ranOn: z.string().exactOptional().describe('Name of the function that settled the group'),
});
export type ProductView = z.output<typeof productSchema>;

export function productView(blobs: Blobs): View<CreatedProduct> {
  return {
    schema: productSchema,
    succeeded: 'created',
    needsReview: ({ images }) => images.some(({ needsReview }) => needsReview),
    show: (outcome) => shownProduct(outcome, blobs),
    pending: pendingProduct,
  };
}

async function shownProduct(outcome: Outcome<CreatedProduct>, blobs: Blobs): Promise<ProductView> {
  const { index, itemId, attempts, durationMs, ranOn } = outcome;
  const base = { index, ...(itemId !== undefined && { productId: itemId }), attempts, durationMs, ranOn };
  if (outcome.status === 'failed') return { ...base, status: 'failed', images: [], error: outcome.error };
  const { catalogId, imageErrors } = outcome.output;
  const images = outcome.output.images.map(async (image) => ({
    ...image,
    url: await blobs.readUrl(image.key),
    // Outcomes of earlier versions have none.
    renditions: await Promise.all(
      (image.renditions ?? []).map(async (one) => ({ ...one, url: await blobs.readUrl(one.key) })),
    ),
  }));
  return {
    ...base,
    status: 'created',
    catalogId,
    images: await Promise.all(images),
    ...(imageErrors.length > 0 && { imageErrors }),
  };
}

function pendingProduct(index: number, productId: string | undefined): ProductView {
  const identity = productId === undefined ? {} : { productId };
  return { index, ...identity, status: 'pending', images: [], attempts: 0, durationMs: 0 };
}
