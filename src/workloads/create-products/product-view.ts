import type { Failure } from '../../engine/errors.ts';
import type { Outcome } from '../../jobs/job.ts';
import type { Blobs } from '../../jobs/ports.ts';

/** A finished picture of a product; `subjectFound` false: nothing to cut out was seen, the photo is whole. */
export interface ProductImage {
  key: string;
  width: number;
  height: number;
  bytes: number;
  subjectFound: boolean;
}

/** A photo of the group that could not be used; `image` is its position in the request. */
export interface ImageError extends Failure {
  image: number;
}

export interface CreatedProduct {
  productId?: string;
  catalogId: string;
  images: ProductImage[];
  imageErrors: ImageError[];
}

/** A group's outcome as the API shows it; pictures get links that expire. */
export interface ProductView {
  index: number;
  productId?: string;
  status: 'created' | 'failed' | 'pending';
  catalogId?: string;
  images: (ProductImage & { url: string })[];
  imageErrors?: ImageError[];
  error?: Failure;
  attempts: number;
  durationMs: number;
  /** Name of the function that settled it. */
  ranOn?: string;
}

export async function productView(outcome: Outcome<CreatedProduct>, blobs: Blobs): Promise<ProductView> {
  const { index, itemId, attempts, durationMs, ranOn } = outcome;
  const base = { index, ...(itemId !== undefined && { productId: itemId }), attempts, durationMs, ranOn };
  if (outcome.status === 'failed') return { ...base, status: 'failed', images: [], error: outcome.error };
  const { catalogId, imageErrors } = outcome.output;
  const images = outcome.output.images.map(async (image) => ({
    ...image,
    url: await blobs.readUrl(image.key),
  }));
  return {
    ...base,
    status: 'created',
    catalogId,
    images: await Promise.all(images),
    ...(imageErrors.length > 0 && { imageErrors }),
  };
}

/** A group that has no outcome yet. */
export function pendingProduct(index: number, productId: string | undefined): ProductView {
  const identity = productId === undefined ? {} : { productId };
  return { index, ...identity, status: 'pending', images: [], attempts: 0, durationMs: 0 };
}
