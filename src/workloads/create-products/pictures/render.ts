import sharp, { type Sharp } from 'sharp';
import { type Bitmap, blend, type Colour } from './blend.ts';
import { explaining, openPhoto, type Photo } from './inspect.ts';
import type { Box, Subject } from './subject.ts';
import { MODEL_SIDE } from './u2net.ts';

export interface PictureOptions {
  outputFormat: 'webp' | 'png' | 'jpeg' | 'avif';
  /** 1 (small) to 100 (good). PNG is lossless and ignores it. */
  quality: number;
  removeBackground: boolean;
  /** The colour behind the subject: a CSS name or hex digits. Default: white for JPEG, otherwise none. */
  background?: string | undefined;
  /** Most pixels on the longer side. Nothing is enlarged. */
  maxDimension: number;
  /** What to do with a photo whose mask somebody should look at: cut it out all the same, or keep it whole. */
  onDoubt?: 'keep' | 'original' | 'fail' | undefined;
}

/** An encoded picture. */
export interface Rendered {
  data: Buffer;
  /** Pixels. */
  width: number;
  height: number;
  contentType: string;
}

/** How the photo is scaled, and which part of the scaled photo is used. Pixels. */
export interface Framing {
  scaled: { width: number; height: number };
  region: { left: number; top: number; width: number; height: number };
}

const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 };

/** Scales so that the box, not the photo, just fits `maxDimension`: a small subject keeps all its detail. */
export function frame(photo: { width: number; height: number }, box: Box, maxDimension: number): Framing {
  const longer = Math.max((box.right - box.left) * photo.width, (box.bottom - box.top) * photo.height);
  const scale = Math.min(1, maxDimension / longer);
  const width = Math.max(1, Math.round(photo.width * scale));
  const height = Math.max(1, Math.round(photo.height * scale));
  const left = Math.floor(box.left * width);
  const top = Math.floor(box.top * height);
  return {
    scaled: { width, height },
    region: {
      left,
      top,
      width: Math.min(Math.ceil(box.right * width) - left, maxDimension),
      height: Math.min(Math.ceil(box.bottom * height) - top, maxDimension),
    },
  };
}

/** Holds only the region's pixels, never the whole photo's. */
export async function render(
  photo: Photo,
  subject: Subject | undefined,
  options: PictureOptions,
): Promise<Rendered> {
  const framing = frame(photo, subject?.box ?? WHOLE, options.maxDimension);
  const pixels = await decode(photo, framing);
  const background = options.background ?? (options.outputFormat === 'jpeg' ? 'white' : undefined);
  let picture: Sharp;
  if (subject?.opacity) {
    const colour = background === undefined ? undefined : await colourOf(background);
    picture = open(await blend(pixels, await shrink(subject.opacity, framing), framing, colour));
  } else {
    picture = open(pixels);
    if (background !== undefined) picture = picture.flatten({ background });
  }
  const { width, height } = pixels;
  return {
    data: await encode(picture, options).toBuffer(),
    width,
    height,
    contentType: `image/${options.outputFormat}`,
  };
}

/**
 * Red, green, blue, and opacity if the photo has it. Shrinks a JPEG while reading it, if that leaves enough pixels.
 */
async function decode(photo: Photo, { scaled, region }: Framing): Promise<Bitmap> {
  const { data, info } = await explaining(photo, () =>
    openPhoto(photo.bytes)
      .resize(scaled.width, scaled.height, { fit: 'fill' })
      .extract(region)
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  return { data, ...info };
}

/** Shrinks the opacity to at most the size of the scaled photo. */
async function shrink(opacity: Uint8Array, { scaled }: Framing): Promise<Bitmap> {
  const width = Math.min(MODEL_SIDE, scaled.width);
  const height = Math.min(MODEL_SIDE, scaled.height);
  const whole: Bitmap = { data: opacity, width: MODEL_SIDE, height: MODEL_SIDE, channels: 1 };
  if (width === MODEL_SIDE && height === MODEL_SIDE) return whole;
  const data = await open(whole).resize(width, height, { fit: 'fill' }).toColourspace('b-w').raw().toBuffer();
  return { data, width, height, channels: 1 };
}

function open({ data, width, height, channels }: Bitmap): Sharp {
  return sharp(data, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 } });
}

async function colourOf(background: string): Promise<Colour> {
  const [red = 0, green = 0, blue = 0] = await sharp({
    create: { width: 1, height: 1, channels: 3, background },
  })
    .raw()
    .toBuffer();
  return [red, green, blue];
}

/**
 * Efforts above which more time hardly saves bytes: the model should take longest. WebP's `alphaQuality` 75 means
 * 56 levels, which nobody can tell from 256 on a soft edge; from 80 on the time rises, at 100 to three times.
 */
function encode(pipeline: Sharp, { outputFormat, quality }: PictureOptions): Sharp {
  switch (outputFormat) {
    case 'webp':
      return pipeline.webp({ quality, alphaQuality: 75, effort: 2 });
    case 'png':
      return pipeline.png({ compressionLevel: 6 });
    case 'jpeg':
      return pipeline.jpeg({ quality });
    case 'avif':
      return pipeline.avif({ quality, effort: 1 });
  }
}
