import type { JobView } from '../../../client/contract.ts';
import type { GalleryPhoto, GalleryProduct } from './gallery.ts';

/** Unexpected results of a run, one line each. */
export function problemsOf(job: JobView, products: readonly GalleryProduct[]): string[] {
  return [...jobProblems(job, products), ...products.flatMap(productProblems)];
}

function jobProblems(
  { status, successCount, errorCount }: JobView,
  products: readonly GalleryProduct[],
): string[] {
  const created = products.filter((product) => product.status === 'created').length;
  const failed = products.filter((product) => product.status === 'failed').length;
  const problems: string[] = [];
  if (status !== 'completed' && status !== 'partial') problems.push(`The job ended as '${status}'`);
  if (created !== successCount || failed !== errorCount) {
    const counted = `${successCount} created and ${errorCount} failed`;
    problems.push(`The job counts ${counted}, its results show ${created} and ${failed}`);
  }
  return problems;
}

function productProblems({ productId, status, error, photos }: GalleryProduct): string[] {
  const problems = photos.flatMap((photo) =>
    photoProblems(photo).map((problem) => `${photo.name}: ${problem}`),
  );
  if (status === 'pending') problems.unshift('has no outcome');
  if (status === 'failed' && photos.some(({ sound }) => sound)) {
    problems.unshift(`failed: ${error?.code}: ${error?.message}`);
  }
  return problems.map((problem) => `${productId}: ${problem}`);
}

function photoProblems({ sound, error, picture, cutOut }: GalleryPhoto): string[] {
  if (error) return sound ? [`failed although it is sound: ${error.code}: ${error.message}`] : [];
  if (!picture || !cutOut) return ['has neither a picture nor an error'];
  const same = (['width', 'height', 'bytes'] as const).every(
    (measure) => picture[measure] === cutOut[measure],
  );
  if (same) return [];
  const { width, height, bytes } = cutOut;
  const announced = `${picture.width} × ${picture.height} in ${picture.bytes} bytes`;
  return [`the picture is ${width} × ${height} in ${bytes} bytes, announced were ${announced}`];
}
