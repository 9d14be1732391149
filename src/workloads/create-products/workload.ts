import pLimit from 'p-limit';
import * as z from 'zod';
import { readVariables } from '../../core/engine/environment.ts';
import { ItemError, toFailure } from '../../core/engine/errors.ts';
import { createDownloader } from '../../core/http/download.ts';
import type { ItemContext, ItemRef, Workload } from '../../core/jobs/workload.ts';
import { defineWorkload } from '../define.ts';
import type { WorkloadPorts } from '../ports.ts';
import { catalogIdOf, catalogSettings, openCatalog } from './catalog.ts';
import { linkSettings, pictureLinks } from './links.ts';
import { loadPhoto } from './photo-source.ts';
import { PhotoError } from './pictures/photo-errors.ts';
import { groupFigures } from './plan.ts';
import { productErrors } from './product-errors.ts';
import { type CreatedProduct, type ImageError, type ProductImage, productView } from './product-view.ts';
import {
  type CreateProductsOptions,
  createProductsOptions,
  type ImageSource,
  type ProductGroup,
  productGroup,
} from './schema.ts';

/** Photos of one group fetched, cut out or uploaded at the same time: enough to overlap network and CPU. */
const photosAtOnce = 2;
const maxPhotos = 20;
/** Largest photo, in bytes. */
const maxPhotoBytes = 20 * 2 ** 20;

const seconds = { min: 0.1, max: 120 };
const photoSettings = {
  /** Limit for fetching one photo. */
  SPILLWAY_PHOTO_TIMEOUT_SECONDS: z.coerce
    .number(`must be a number from ${seconds.min} to ${seconds.max}`)
    .min(seconds.min)
    .max(seconds.max)
    .default(10),
};

type ProductPorts = Pick<WorkloadPorts, 'blobs' | 'env' | 'downloads' | 'openRecords'>;

/**
 * Makes a product from each group: photos → background removed → renditions in the store → product in the catalog.
 * A bad photo is reported and left out; a group fails if all its photos are bad, or if its product cannot be
 * created.
 */
export function createProducts(ports: ProductPorts): Workload {
  const { blobs } = ports;
  const linkTo = pictureLinks(blobs, ports.env);
  const catalog = openCatalog(ports, linkTo);
  const { SPILLWAY_PHOTO_TIMEOUT_SECONDS: photoSeconds } = readVariables(photoSettings, ports.env);
  const downloader = createDownloader({
    ...ports.downloads,
    maxBytes: maxPhotoBytes,
    timeoutMs: photoSeconds * 1000,
    maxRedirects: 3,
  });

  let groupsStarted = 0;

  const makePicture = async (
    source: ImageSource,
    image: number,
    context: Context,
    priority: number,
  ): Promise<ProductImage> => {
    const { signal, options, tenant } = context;
    const photo = await loadPhoto(source, { downloader, blobs, tenant, maxBytes: maxPhotoBytes }, signal);
    const studio = await openStudio();
    const picture = await studio.cutOut(photo, options, signal, priority);
    const key = pictureKey(context, image);
    await blobs.put(key, picture.data, picture.contentType, signal);
    const { width, height, subjectFound } = picture;
    return { image, key, width, height, bytes: picture.data.byteLength, subjectFound };
  };

  return defineWorkload<ProductGroup, CreateProductsOptions, CreatedProduct>({
    name: 'create-products',
    description: 'Removes backgrounds from photos, makes renditions, and creates the products',
    item: productGroup,
    options: createProductsOptions,
    limits: { concurrency: 5, sliceSize: 5, checkpointMs: 0, expectedMsPerUnit: 2_000 },
    memory: 'large',
    settings: { ...catalogSettings, ...photoSettings, ...linkSettings },
    figures: groupFigures,
    weight: ({ images }) => images.length,

    async run({ productId, images, metadata }, context) {
      const limit = pLimit(photosAtOnce);
      // The groups of a window share the cores. First come, first served: some groups are done when the budget
      // ends. If they took turns, all would be half done.
      groupsStarted += 1;
      const priority = -groupsStarted;
      const attempts = await Promise.allSettled(
        images.map((source, image) => limit(() => makePicture(source, image, context, priority))),
      );
      context.signal.throwIfAborted();
      const imageErrors: ImageError[] = [];
      attempts.forEach((attempt, image) => {
        if (attempt.status === 'fulfilled') return;
        // Not the photo's fault: the store is out of reach, for example. The whole group then has to come again.
        if (!(attempt.reason instanceof PhotoError)) throw attempt.reason;
        imageErrors.push({ image, ...toFailure(attempt.reason) });
      });
      const pictures = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      if (pictures.length === 0) {
        const causes = [...new Set(imageErrors.map(({ code }) => code))].join(', ');
        throw new ItemError(
          productErrors.ALL_PHOTOS_FAILED,
          `None of ${images.length} photos could be used: ${causes}`,
          {
            retryable: imageErrors.some(({ retryable }) => retryable),
            details: imageErrors,
          },
        );
      }
      const { tenant, idempotencyKey, signal } = context;
      const catalogId = catalogIdOf(tenant, productId, idempotencyKey);
      const identity = { catalogId, ...(productId !== undefined && { productId }) };
      await catalog.upsert({ tenant, ...identity, metadata, images: pictures }, signal);
      return { ...identity, images: pictures, imageErrors };
    },

    async undo(item) {
      await blobs.delete(Array.from({ length: maxPhotos }, (_, image) => pictureKey(item, image)));
    },

    idOf: ({ productId }) => productId,
    view: productView(linkTo),
    catalog,
    /** Loads the model. */
    warmUp: async () => (await openStudio()).warmUp(),
  });
}

type Context = ItemContext<CreateProductsOptions>;

/** The same for every delivery: a new one overwrites an interrupted one's uploads and never doubles them. */
function pictureKey(
  { tenant, jobId, index, options }: ItemRef<CreateProductsOptions>,
  image: number,
): string {
  return `products/${tenant}/${jobId}/${index}/${image}.${options.outputFormat}`;
}

/** Loaded on first use: functions that only read never need the native libraries behind it. */
async function openStudio() {
  const { studio } = await import('./pictures/studio.ts');
  return studio();
}
