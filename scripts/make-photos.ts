/**
 * Draws the photos of the demo's shop into `events/photos` and the request that sends them into
 * `events/create-products.json`. Nothing in it is random: it writes the same pictures each time.
 *
 *     npm run make-photos
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { type PhotoPlan, products } from './make-photos/catalog.ts';
import { develop } from './make-photos/develop.ts';

const events = new URL('../events/', import.meta.url);
const photos = new URL('photos/', events);
/** Where the demo uploads the photos to. */
const KEY_PREFIX = 'uploads/local/samples/';

async function take(plan: PhotoPlan, seed: number): Promise<Buffer> {
  const {
    width = 1600,
    height = 1200,
    size = 0.76,
    x = 0.5,
    turn = 0,
    mirrored = false,
    light = -0.2,
    warmth = 0,
  } = plan;
  // Many pixels in few bytes: grain would cost megabytes.
  const noise = plan.enlarge === undefined ? 2.2 : 0;
  const upright = await develop({
    ...{
      drawing: plan.drawing,
      scene: plan.scene,
      width,
      height,
      size,
      x,
      turn,
      mirrored,
      light,
      warmth,
      noise,
      seed,
    },
    y: plan.drawing.flat ? 0.5 : 0.5 + size * (Math.min(width, height) / height) * 0.46,
  });
  let photo = upright;
  if (plan.enlarge) photo = photo.resize(width * plan.enlarge, height * plan.enlarge, { kernel: 'cubic' });
  // Stored lying on its side, as a phone does; the viewer turns it: 6 clockwise, 8 counter-clockwise.
  if (plan.orientation)
    photo = photo.rotate(plan.orientation === 6 ? 270 : 90).withMetadata({ orientation: plan.orientation });
  if (plan.format === 'png') return photo.png({ compressionLevel: 9 }).toBuffer();
  if (plan.format === 'webp') return photo.webp({ quality: 80 }).toBuffer();
  const jpeg = await photo.jpeg({ quality: plan.enlarge ? 40 : 76, optimizeCoding: true }).toBuffer();
  return plan.broken ? jpeg.subarray(0, jpeg.length / 2) : jpeg;
}

await rm(photos, { recursive: true, force: true });
await mkdir(photos, { recursive: true });
let total = 0;
const productGroups = [];
for (const [group, { name, metadata, photos: plans }] of products.entries()) {
  const images = [];
  for (const [at, plan] of plans.entries()) {
    const file = `${name}-${at + 1}${plan.broken ? '-broken' : ''}.${plan.format ?? 'jpg'}`;
    const photo = await take(plan, group * 100 + at + 1);
    await writeFile(new URL(file, photos), photo);
    images.push({ key: `${KEY_PREFIX}${file}` });
    total += photo.length;
    console.log(`${file}: ${Math.round(photo.length / 1024)} KiB`);
  }
  productGroups.push({ productId: `SHOP-${String(group + 1).padStart(3, '0')}`, images, metadata });
}
const options = { outputFormat: 'webp', quality: 82, removeBackground: true, maxDimension: 1200 };
await writeFile(
  new URL('create-products.json', events),
  `${JSON.stringify({ productGroups, options }, null, 2)}\n`,
);
const count = productGroups.reduce((sum, { images }) => sum + images.length, 0);
console.log(
  `${productGroups.length} groups, ${count} photos, ${(total / 1024 ** 2).toFixed(2)} MiB (sharp ${sharp.versions.sharp})`,
);
