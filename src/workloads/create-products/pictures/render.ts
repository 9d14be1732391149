import sharp, { type Sharp } from 'sharp';
import { type Bitmap, blend } from './blend.ts';
import { type Colour, colourOf } from './colours.ts';
import { explaining, openPhoto, type Photo } from './inspect.ts';
import { type Layout, layOut, type Wanted } from './layout.ts';
import { withShadow } from './shadow.ts';
import type { Box, Subject } from './subject.ts';
import { MODEL_SIDE } from './u2net.ts';

/** How a picture looks. */
export interface Look extends Partial<Wanted> {
  outputFormat: 'webp' | 'png' | 'jpeg' | 'avif';
  /** 1 (small) to 100 (good). PNG is lossless and ignores it. */
  quality: number;
  /** The colour behind the subject: a CSS name or hex digits. Default: white for JPEG, otherwise none. */
  background?: string | undefined;
  /** Most pixels on the longer side; a canvas with a size of its own has that. */
  maxDimension: number;
  /** `none`: the photo keeps its frame. Default: `subject`. */
  crop?: 'subject' | 'none' | undefined;
  /** `contact`: the subject casts a shadow where it stands. Default: `none`. */
  shadow?: 'none' | 'contact' | undefined;
  /** Below so many pixels of the photo along the longer side a picture is too small. Default: none is. */
  minSize?: number | undefined;
}

/** What to make of a photo. */
export interface PictureOptions extends Look {
  removeBackground: boolean;
  /** What to do with a photo whose mask somebody should look at: cut it out all the same, or keep it whole. */
  onDoubt?: 'keep' | 'original' | 'fail' | undefined;
  /** More pictures of it. */
  renditions?: readonly Look[] | undefined;
}

/** An encoded picture. */
export interface Rendered {
  data: Buffer;
  /** Pixels. */
  width: number;
  height: number;
  contentType: string;
  /** The photo has too few pixels for it. */
  isTooSmall: boolean;
}

const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 };
/** The opacity of what nothing was cut from. */
const OPAQUE: Bitmap = { data: Uint8Array.of(255), width: 1, height: 1, channels: 1 };

/** Scales so that the box, not the photo, just fits `maxDimension`: a small subject keeps all its detail. */
export function frame(photo: { width: number; height: number }, box: Box, maxDimension: number): Layout {
  const longer = Math.max((box.right - box.left) * photo.width, (box.bottom - box.top) * photo.height);
  const scale = Math.min(1, maxDimension / longer);
  const width = Math.max(1, Math.round(photo.width * scale));
  const height = Math.max(1, Math.round(photo.height * scale));
  const left = Math.floor(box.left * width);
  const top = Math.floor(box.top * height);
  const size = {
    width: Math.min(Math.ceil(box.right * width) - left, maxDimension),
    height: Math.min(Math.ceil(box.bottom * height) - top, maxDimension),
  };
  return {
    scaled: { width, height },
    region: { left, top, ...size },
    canvas: size,
    at: { left: 0, top: 0 },
    scale,
  };
}

function layoutOf(photo: Photo, subject: Subject | undefined, look: Look): Layout {
  const isWhole = subject === undefined || look.crop === 'none';
  const hasSpace = look.canvas !== undefined || (look.padding !== undefined && !isWhole);
  if (hasSpace) return layOut(photo, isWhole ? WHOLE : subject.tight, look, isWhole);
  return frame(photo, isWhole ? WHOLE : subject.box, look.maxDimension);
}

/** Holds only the region's pixels and the picture's, never the whole photo's. */
export async function render(photo: Photo, subject: Subject | undefined, look: Look): Promise<Rendered> {
  const layout = layoutOf(photo, subject, look);
  const { region, canvas, scale } = layout;
  const pixels = await decode(photo, layout);
  const background = look.background ?? (look.outputFormat === 'jpeg' ? 'white' : undefined);
  const colour = background === undefined ? undefined : colourOf(background);
  const isFramed = region.width !== canvas.width || region.height !== canvas.height;
  const hasShadow = look.shadow === 'contact' && subject !== undefined;
  let picture = pixels;
  if (subject?.opacity || isFramed || colour || hasShadow) {
    const opacity = subject?.opacity ? await shrink(subject.opacity, layout) : OPAQUE;
    picture = await blend(pixels, opacity, layout, hasShadow ? undefined : colour);
  }
  if (hasShadow) picture = await withShadow(picture, layout, subject.tight, colour);
  else if (isFramed) picture = onCanvas(picture, layout, colour);
  return {
    data: await encode(open(picture), look).toBuffer(),
    ...canvas,
    contentType: `image/${look.outputFormat}`,
    isTooSmall: Math.max(canvas.width, canvas.height) / Math.max(1, scale) < (look.minSize ?? 0),
  };
}

/** Lays pixels that were blended over the same colour, or over nothing, on a frame. */
function onCanvas(pixels: Bitmap, { canvas, at }: Layout, colour: Colour | undefined): Bitmap {
  const { width, height } = canvas;
  const channels = colour ? 3 : 4;
  const data = Buffer.alloc(width * height * channels, colour ? Buffer.from(colour) : 0);
  for (let row = 0; row < pixels.height; row++) {
    const line = pixels.data.subarray(row * pixels.width * channels, (row + 1) * pixels.width * channels);
    data.set(line, ((at.top + row) * width + at.left) * channels);
  }
  return { data, width, height, channels };
}

/**
 * Red, green, blue, and opacity if the photo has it. Shrinks a JPEG while reading it, if that leaves enough pixels.
 */
async function decode(photo: Photo, layout: Layout): Promise<Bitmap> {
  const { data, info } = await explaining(photo, () =>
    resized(photo, layout).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true }),
  );
  return { data, ...info };
}

function resized(photo: Photo, { scaled, region, scale }: Layout): Sharp {
  const opened = openPhoto(photo.bytes);
  if (scale <= 1) return opened.resize(scaled.width, scaled.height, { fit: 'fill' }).extract(region);
  // Only the part that is seen is enlarged, from whole pixels of the photo.
  const from = { left: Math.floor(region.left / scale), top: Math.floor(region.top / scale) };
  const part = {
    ...from,
    width: Math.min(photo.width - from.left, Math.ceil(region.width / scale) + 2),
    height: Math.min(photo.height - from.top, Math.ceil(region.height / scale) + 2),
  };
  const large = { width: Math.round(part.width * scale), height: Math.round(part.height * scale) };
  const [left, top] = [
    region.left - Math.round(from.left * scale),
    region.top - Math.round(from.top * scale),
  ];
  return opened
    .extract(part)
    .resize(Math.max(large.width, left + region.width), Math.max(large.height, top + region.height), {
      fit: 'fill',
    })
    .extract({ left: Math.max(0, left), top: Math.max(0, top), width: region.width, height: region.height });
}

/** Shrinks the opacity to at most the size of the scaled photo. */
async function shrink(opacity: Uint8Array, { scaled }: Layout): Promise<Bitmap> {
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

/**
 * Efforts above which more time hardly saves bytes: the model should take longest. WebP's `alphaQuality` 75 means
 * 56 levels, which nobody can tell from 256 on a soft edge; from 80 on the time rises, at 100 to three times.
 */
function encode(pipeline: Sharp, { outputFormat, quality }: Look): Sharp {
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
