import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import pLimit from 'p-limit';
import sharp from 'sharp';
import type { Client } from '../../../client/client.ts';
import { downloaded } from '../follow.ts';
import type { PhotoResult, ProductResult } from './results.ts';
import { samplePath } from './sample-request.ts';

/** A picture in the output directory. */
export interface Saved {
  /** Relative to the output directory, with forward slashes. */
  path: string;
  /** Pixels and bytes of the full picture, even if the saved copy is smaller. */
  width: number;
  height: number;
  bytes: number;
}

export interface GalleryPhoto extends PhotoResult {
  original: Saved;
  /** False: the file is damaged, so the photo must fail. */
  sound: boolean;
  cutOut?: Saved;
}

export interface GalleryProduct extends ProductResult {
  photos: GalleryPhoto[];
}

/** Longest side of the originals on the page, in pixels. */
const thumbnailSide = 480;
/** Photos fetched and scaled concurrently. */
const atOnce = 4;

/** Downloads the finished pictures through their links, and saves smaller copies of the originals beside them. */
export async function saveGallery(
  client: Client,
  products: readonly ProductResult[],
  outputDir: string,
): Promise<GalleryProduct[]> {
  for (const directory of ['originals', 'cut-outs']) {
    await mkdir(join(outputDir, directory), { recursive: true });
  }
  const limit = pLimit(atOnce);
  const save = async (photo: PhotoResult): Promise<GalleryPhoto> => {
    const [original, cutOut] = await Promise.all([
      saveOriginal(photo, outputDir),
      saveCutOut(client, photo, outputDir),
    ]);
    return { ...photo, ...original, ...(cutOut && { cutOut }) };
  };
  return Promise.all(
    products.map(async (product) => ({
      ...product,
      photos: await Promise.all(product.photos.map((photo) => limit(save, photo))),
    })),
  );
}

/** Decoding shows whether the photo is sound. A damaged one is shown as far as it can be decoded. */
async function saveOriginal(
  { name }: PhotoResult,
  outputDir: string,
): Promise<{ original: Saved; sound: boolean }> {
  const file = await readFile(samplePath(name));
  const { autoOrient: upright } = await sharp(file).metadata();
  const path = `originals/${parse(name).name}.webp`;
  const scale = (failOn: 'none' | 'warning') =>
    sharp(file, { failOn })
      .autoOrient()
      .resize(thumbnailSide, thumbnailSide, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toFile(join(outputDir, path));
  const sound = await scale('warning').then(
    () => true,
    () => false,
  );
  if (!sound) await scale('none');
  return { original: { path, ...upright, bytes: file.byteLength }, sound };
}

async function saveCutOut(
  client: Client,
  { name, picture }: PhotoResult,
  outputDir: string,
): Promise<Saved | undefined> {
  if (!picture) return;
  const data = await downloaded(client, picture.url);
  const { width, height } = await sharp(data).metadata();
  const path = `cut-outs/${parse(name).name}${parse(picture.key).ext}`;
  await writeFile(join(outputDir, path), data);
  return { path, width, height, bytes: data.byteLength };
}
