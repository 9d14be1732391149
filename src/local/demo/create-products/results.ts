import type { Failure } from '../../../core/engine/errors.ts';
import type { ProductMetadata } from '../../../workloads/create-products/metadata.ts';
import type {
  ImageError,
  ProductImage,
  ProductView,
} from '../../../workloads/create-products/product-view.ts';
import type { ProductGroup } from '../../../workloads/create-products/schema.ts';
import { sampleName } from './sample-request.ts';

/** One photo of the request, with its outcome. */
export interface PhotoResult {
  /** File in `events/photos`. */
  name: string;
  picture?: ProductImage & { url: string };
  error?: Failure;
}

/** One group of the request, with its outcome. */
export interface ProductResult {
  index: number;
  productId: string;
  metadata: ProductMetadata;
  status: ProductView['status'];
  /** Settled by the function that answers the caller, or by a later continuation. */
  where: 'in the call' | 'continuation';
  seconds: number;
  attempts: number;
  photos: PhotoResult[];
  error?: Failure;
}

/** Joins the request's groups with their results. */
export function joinResults(groups: readonly ProductGroup[], views: readonly ProductView[]): ProductResult[] {
  const viewAt = new Map(views.map((view) => [view.index, view]));
  return groups.map((group, index) => {
    const view = viewAt.get(index);
    return {
      index,
      productId: group.productId ?? `#${index}`,
      metadata: group.metadata,
      status: view?.status ?? 'pending',
      where: view?.ranOn === 'continueJob' ? 'continuation' : 'in the call',
      seconds: (view?.durationMs ?? 0) / 1000,
      attempts: view?.attempts ?? 0,
      photos: joinPhotos(group, view),
      ...(view?.error && { error: view.error }),
    };
  });
}

/** Pictures keep the order of the photos, without the failed ones. */
function joinPhotos({ images }: ProductGroup, view: ProductView | undefined): PhotoResult[] {
  const errorAt = new Map(photoErrors(view).map((error) => [error.image, error]));
  const pictures = [...(view?.images ?? [])];
  return images.map((source, at) => {
    const name = sampleName(source);
    const error = errorAt.get(at) ?? view?.error;
    if (error) return { name, error };
    const picture = pictures.shift();
    return { name, ...(picture && { picture }) };
  });
}

/** A group without a single good photo lists the reasons in its error's details. */
function photoErrors(view: ProductView | undefined): ImageError[] {
  if (view?.error?.code === 'ALL_PHOTOS_FAILED') return view.error.details as ImageError[];
  return view?.imageErrors ?? [];
}
