import sharp, { type Sharp } from 'sharp';
import { asStill, isCutShort, type PhotoContainer, sniff } from './containers.ts';
import { PhotoError } from './photo-errors.ts';

/** A photo with at least this many pixels is refused before any are decoded. */
export const MAX_PIXELS = 100_000_000;

/** A photo that can be decoded. Width and height are those of the upright photo, after EXIF orientation. */
export interface Photo {
  bytes: Buffer;
  container: PhotoContainer;
  width: number;
  height: number;
  hasAlpha: boolean;
  /** Sharp has no decoder for it: see `decodeHeic`. */
  isHeic?: boolean;
}

/** Reads only the header. Throws a {@link PhotoError} for bytes that cannot become a picture. */
export async function inspectPhoto(given: Buffer): Promise<Photo> {
  if (given.length === 0) throw new PhotoError('PHOTO_EMPTY', 'The photo has no bytes');
  // Checked before libvips sees it, so that untrusted bytes never reach its parsers for SVG, TIFF and the like.
  const kind = sniff(given);
  if (kind === undefined) throw new PhotoError('PHOTO_NOT_AN_IMAGE', 'The photo is not an image');
  if ('unsupported' in kind) throw unsupported(kind.unsupported);
  const { container } = kind;
  const bytes = container === 'heif' ? asStill(given) : given;
  // No limit here: the service itself says why a photo is refused, and a header costs the same for any size.
  const header = await explaining({ bytes, container }, () =>
    sharp(bytes, { limitInputPixels: false }).metadata(),
  );
  const isHeic = container === 'heif' && header.compression === 'hevc';
  if (container === 'heif' && !isHeic && header.compression !== 'av1') throw unsupported('This kind of HEIF');
  const { width, height } = header.autoOrient;
  if (width * height >= MAX_PIXELS) {
    throw new PhotoError(
      'PHOTO_TOO_MANY_PIXELS',
      `The photo has ${width} × ${height} pixels; fewer than ${MAX_PIXELS / 1e6} megapixels are accepted`,
    );
  }
  return { bytes, container, width, height, hasAlpha: header.hasAlpha, ...(isHeic && { isHeic }) };
}

const unsupported = (name: string) =>
  new PhotoError('PHOTO_UNSUPPORTED', `${name} is not accepted: send JPEG, PNG, WebP, AVIF or HEIC`);

/** The start of every pipeline: upright, streamed, and strict about missing or broken data. */
export function openPhoto(bytes: Buffer): Sharp {
  return sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS, sequentialRead: true }).autoOrient();
}

/** Runs a step that only decodes (and perhaps encodes again); if it fails, throws the reason in our own words. */
export async function explaining<T>(
  { bytes, container }: Pick<Photo, 'bytes' | 'container'>,
  decode: () => Promise<T>,
): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    if (isCutShort(bytes, container)) {
      throw new PhotoError('PHOTO_TRUNCATED', 'The end of the photo is missing', { cause: error });
    }
    throw new PhotoError('PHOTO_DAMAGED', 'The photo is damaged', { cause: error });
  }
}
