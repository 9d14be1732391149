import sharp from 'sharp';
import { wanted } from './work.ts';

/** What two pictures may differ by, on average, in each of red, green, blue and opacity (0 to 255) at 1/64 of the size. */
const tolerance = 3;
/** Decoders that shrink see slightly other pixels, and the box follows the mask: so much of a side may differ. */
const sizeTolerance = 0.02;

/** Undefined, or what is wrong with a picture, of which the reference is the same made by another system. */
export async function complaintAbout(picture: Buffer, reference: Buffer): Promise<string | undefined> {
  const [made, expected] = [await sharp(picture).metadata(), await sharp(reference).metadata()];
  if (made.format !== wanted.outputFormat || !made.hasAlpha)
    return `is ${made.format}, alpha ${made.hasAlpha}`;
  if (Math.max(made.width, made.height) > wanted.maxDimension) return `is ${made.width} × ${made.height}`;
  if (
    Math.abs(made.width / expected.width - 1) > sizeTolerance ||
    Math.abs(made.height / expected.height - 1) > sizeTolerance
  ) {
    return `is ${made.width} × ${made.height}, not ${expected.width} × ${expected.height}`;
  }
  const { stats, difference } = await compare(picture, reference, expected.width, expected.height);
  if (stats.min > 10 || stats.max < 245) return `has opacities from ${stats.min} to ${stats.max} only`;
  return difference > tolerance ? `differs by ${difference.toFixed(1)}` : undefined;
}

async function compare(picture: Buffer, reference: Buffer, width: number, height: number) {
  const small = (image: Buffer) =>
    sharp(image)
      .resize(Math.ceil(width / 8), Math.ceil(height / 8), { fit: 'fill' })
      .raw()
      .toBuffer();
  const [ours, theirs] = [await small(picture), await small(reference)];
  let sum = 0;
  const stats = { min: 255, max: 0 };
  for (let at = 0; at < ours.length; at += 4) {
    const [alpha = 0, other = 0] = [ours[at + 3], theirs[at + 3]];
    stats.min = Math.min(stats.min, alpha);
    stats.max = Math.max(stats.max, alpha);
    sum += Math.abs(alpha - other);
    // What is hidden may have any colour: only what shows counts.
    for (let channel = 0; channel < 3; channel++) {
      sum += Math.abs((ours[at + channel] ?? 0) * alpha - (theirs[at + channel] ?? 0) * other) / 255;
    }
  }
  return { stats, difference: sum / ours.length };
}
