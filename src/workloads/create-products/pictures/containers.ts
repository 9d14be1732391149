/** The containers of photos. Detected from the bytes alone: names and headers from callers may be wrong. */
export type PhotoContainer = 'jpeg' | 'png' | 'webp' | 'heif';

const PNG = '\x89PNG\r\n\x1a\n';
const HEIF_BRANDS = new Set(['avif', 'avis', 'mif1', 'msf1', 'heic', 'heix', 'heim', 'heis', 'hevc', 'hevx']);
/** First bytes of known but unsupported kinds, so that the error can name them. */
const UNSUPPORTED: readonly (readonly [start: string, name: string])[] = [
  ['GIF8', 'GIF'],
  ['II*\0', 'TIFF'],
  ['MM\0*', 'TIFF'],
  ['BM', 'BMP'],
  ['%PDF-', 'PDF'],
  ['8BPS', 'PSD'],
  ['\0\0\x01\0', 'ICO'],
  ['\xff\x0a', 'JPEG XL'],
  ['\0\0\0\x0cJXL ', 'JPEG XL'],
  ['\0\0\0\x0cjP  ', 'JPEG 2000'],
];

/** Brands of moving pictures, and of the still ones that they may have, too. */
const STILL_OF: Readonly<Record<string, string>> = { avis: 'avif', msf1: 'mif1', hevc: 'heic', hevx: 'heix' };

/** What a HEIF says it is, the first brand before all others. */
function brandsOf(photo: Buffer): string[] {
  if (photo.toString('latin1', 4, 8) !== 'ftyp') return [];
  const listed = photo.toString('latin1', 16, Math.min(photo.readUInt32BE(0), 256));
  return [photo.toString('latin1', 8, 12), ...(listed.match(/[\s\S]{4}/g) ?? [])];
}

/**
 * A HEIF as libvips takes it, which goes by the first brand: one that moves as the still picture that it has, too (most
 * often its first), and one whose first brand is no picture's as the picture that it says it is further on.
 */
export function asStill(photo: Buffer): Buffer {
  const [first = '', ...others] = brandsOf(photo);
  const still = HEIF_BRANDS.has(first) ? STILL_OF[first] : others.find((brand) => HEIF_BRANDS.has(brand));
  if (still === undefined || !others.some((brand) => brand === still || brand === 'mif1')) return photo;
  const copy = Buffer.from(photo);
  copy.write(still, 8, 'latin1');
  return copy;
}

/** The container, or the name of an unsupported one; undefined if the bytes are no image at all. */
export function sniff(photo: Buffer): { container: PhotoContainer } | { unsupported: string } | undefined {
  const start = photo.toString('latin1', 0, 1024);
  if (start.startsWith('\xff\xd8\xff')) return { container: 'jpeg' };
  if (start.startsWith(PNG)) return { container: 'png' };
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return { container: 'webp' };
  if (brandsOf(photo).some((brand) => HEIF_BRANDS.has(brand))) return { container: 'heif' };
  const known = UNSUPPORTED.find(([bytes]) => start.startsWith(bytes));
  if (known) return { unsupported: known[1] };
  return /^[^a-z]*<(\?xml|!--|!DOCTYPE svg|svg)\b.*<?svg\b/is.test(start)
    ? { unsupported: 'SVG' }
    : undefined;
}

/**
 * Whether the end is missing, by the lengths that the container itself states; a JPEG states none, so its
 * end-of-image marker tells. Meant to explain a failed decode: it does not check the data in between.
 */
export function isCutShort(photo: Buffer, container: PhotoContainer): boolean {
  if (container === 'jpeg') return photo.lastIndexOf('\xff\xd9', undefined, 'latin1') <= lastScan(photo);
  if (container === 'webp') return photo.length < 12 || photo.readUInt32LE(4) + 8 > photo.length;
  return container === 'png' ? isPngCutShort(photo) : isHeifCutShort(photo);
}

/** Offset of the last start-of-scan marker: an end-of-image marker before it belongs to an embedded thumbnail. */
function lastScan(photo: Buffer): number {
  return photo.lastIndexOf('\xff\xda', undefined, 'latin1');
}

/** A chunk is the length of its data (4 bytes), type (4), data, checksum (4); IEND is the last one. */
function isPngCutShort(photo: Buffer): boolean {
  let at = PNG.length;
  while (at + 8 <= photo.length) {
    if (photo.toString('latin1', at + 4, at + 8) === 'IEND') return false;
    at += photo.readUInt32BE(at) + 12;
  }
  return true;
}

/**
 * A box is its whole length (4 bytes; 1: see the 8 after the type; 0: up to the end), type (4), data. A picture has
 * one `meta` that describes it and one `mdat` that holds it, in either order. ISO/IEC 14496-12, 23008-12.
 */
function isHeifCutShort(photo: Buffer): boolean {
  const missing = new Set(['meta', 'mdat']);
  let at = 0;
  while (at + 16 <= photo.length) {
    const length = photo.readUInt32BE(at);
    missing.delete(photo.toString('latin1', at + 4, at + 8));
    if (length === 0) return missing.size > 0;
    at += Math.max(8, length === 1 ? Number(photo.readBigUInt64BE(at + 8)) : length);
  }
  return at > photo.length || missing.size > 0;
}
