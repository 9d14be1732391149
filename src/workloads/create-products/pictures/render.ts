import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { explaining, openPhoto, type Photo } from './inspect.ts';
import type { Box, Subject } from './subject.ts';
import { MODEL_SIDE } from './u2net.ts';

export interface PictureOptions {
  outputFormat: 'webp' | 'png' | 'jpeg' | 'avif';
  /** 1 (small) to 100 (good). PNG is lossless and ignores it. */
  quality: number;
  removeBackground: boolean;
  /** Behind the subject: a CSS colour name or hex digits. Default: white for JPEG, otherwise nothing. */
  background?: string | undefined;
  /** Pixels of the longer side at most. Nothing is ever enlarged. */
  maxDimension: number;
}

export interface Picture {
  data: Buffer;
  /** Pixels. */
  width: number;
  height: number;
  contentType: string;
  /** False: the background was to be removed, but the model saw no subject, so the photo was kept whole. */
  subjectFound: boolean;
}

/** How the photo is scaled, and which part of the scaled photo is taken. Pixels. */
export interface Framing {
  scaled: { width: number; height: number };
  region: { left: number; top: number; width: number; height: number };
}

const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 };

/** Scales so that the box, not the photo, just fits `maxDimension`: a small subject keeps all the detail there is. */
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

/** Only the region's pixels are ever held, never the whole photo's. */
export async function render(
  photo: Photo,
  subject: Subject | undefined,
  options: PictureOptions,
): Promise<Picture> {
  const framing = frame(photo, subject?.box ?? WHOLE, options.maxDimension);
  const { scaled, region } = framing;
  // Raw pixels in between: blending straight from a streamed decode takes twice as long.
  const pixels = await explaining(photo, () =>
    openPhoto(photo.bytes)
      .resize(scaled.width, scaled.height, { fit: 'fill' })
      .extract(region)
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  const background = options.background ?? (options.outputFormat === 'jpeg' ? 'white' : undefined);
  const layers: OverlayOptions[] = [];
  // Multiplying instead of joining a channel: it keeps transparency of the photo's own, and leaves black where
  // nothing shows, which is smaller than a hidden background and does not give that away.
  if (subject?.opacity) layers.push(await maskLayer(subject.opacity, framing));
  if (background !== undefined) layers.push({ ...solid(background, framing), blend: 'dest-over' });
  const { width, height, channels } = pixels.info;
  let picture = sharp(pixels.data, { raw: { width, height, channels } }).composite(layers);
  if (background !== undefined) picture = picture.removeAlpha();
  return {
    data: await encode(picture, options).toBuffer(),
    width,
    height,
    contentType: `image/${options.outputFormat}`,
    subjectFound: subject !== undefined || !options.removeBackground,
  };
}

async function maskLayer(opacity: Uint8Array, { scaled, region }: Framing): Promise<OverlayOptions> {
  const { width, height } = region;
  const mask = await sharp(opacity, { raw: { width: MODEL_SIDE, height: MODEL_SIDE, channels: 1 } })
    .resize(scaled.width, scaled.height, { fit: 'fill', kernel: 'cubic' })
    .extract(region)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const withAlpha = await sharp(mask, { raw: { width, height, channels: 1 } })
    .joinChannel(mask, { raw: { width, height, channels: 1 } })
    .raw()
    .toBuffer();
  return { input: withAlpha, raw: { width, height, channels: 2 }, blend: 'dest-in' };
}

function solid(background: string, { region: { width, height } }: Framing): OverlayOptions {
  return { input: { create: { width, height, channels: 3, background } } };
}

/**
 * Efforts from which on more time hardly saves bytes: the model should be what takes longest. Lossless transparency
 * (`alphaQuality` 100) doubles WebP's time, and nobody sees it on a soft edge.
 */
function encode(pipeline: Sharp, { outputFormat, quality }: PictureOptions): Sharp {
  switch (outputFormat) {
    case 'webp':
      return pipeline.webp({ quality, alphaQuality: 80, effort: 2 });
    case 'png':
      return pipeline.png({ compressionLevel: 6 });
    case 'jpeg':
      return pipeline.jpeg({ quality });
    case 'avif':
      return pipeline.avif({ quality, effort: 1 });
  }
}
