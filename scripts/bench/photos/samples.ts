import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

/** JPEGs of about 2 megapixels and 100 kB, of eight kinds of products. */
const names = ['bag-1', 'book-1', 'bottle-1', 'camera-1', 'chair-1', 'kettle-1', 'mug-1', 'shoe-1'] as const;

/** Each sample as it is, and as a phone would have taken it: 4000 × 3000 with the sensor's noise, about 2 MB. */
export async function samplePhotos(): Promise<Buffer[]> {
  const photos: Buffer[] = [];
  for (const name of names) {
    const photo = await readFile(new URL(`../../../events/photos/${name}.jpg`, import.meta.url));
    photos.push(photo, await enlarged(photo));
  }
  return photos;
}

async function enlarged(photo: Buffer): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 4 } as const;
  const grain = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#000', noise } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  return sharp(photo)
    .resize(4000, 3000)
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 88 })
    .toBuffer();
}
