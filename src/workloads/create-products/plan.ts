import type { Figures, RunFacts } from '../../core/forecast/figures.ts';
import { headerBytes } from '../upstream-figures.ts';
import type { CreateProductsOptions } from './schema.ts';

/** Photos in a group, if unknown: the demo has 37 for 13 groups. */
const usualPhotos = 3;
/** 755 ms of CPU time for each of 16 photos of 2 and 12 megapixels: docs/benchmarks.md, photos. */
const cutOutCpuMs = 755;
/** Without background removal there is no inference, only decoding and encoding. Assumed. */
const renditionCpuMs = 250;
/** Each further rendition decodes and encodes once more; the mask is there already. 30 ms measured for small ones. */
const moreCpuMs = 50;
/**
 * Bytes of a camera's photo, and of the cut-out (52 kB as WebP: docs/benchmarks.md, photos). The first is assumed.
 */
const photoBytes = 3_000_000;
const pictureBytes = 52_000;
/** Milliseconds to fetch a photo by URL. Assumed. */
const fetchMs = 500;
/** Bytes of a group in the request, and of its product's description. */
const groupBytes = 500;
const productBytes = 900;

/** What a group of photos takes. The weight of a group is the number of its photos. */
export function groupFigures(
  { removeBackground, renditions = [] }: CreateProductsOptions,
  { weight: photos = usualPhotos }: RunFacts,
): Figures {
  const pictures = 1 + renditions.length;
  const photoMs = (removeBackground ? cutOutCpuMs : renditionCpuMs) + renditions.length * moreCpuMs;
  return {
    // Two photos at a time, each fetched and then cut out, on CPUs that a worker's groups share.
    itemMs: { typical: Math.ceil(photos / 2) * (fetchMs + photoMs) },
    cpuMs: photos * photoMs,
    weight: photos,
    upstreams: [
      {
        name: 'photo-servers',
        callsPerItem: photos,
        bytesIn: photoBytes,
        bytesOut: headerBytes,
        latencyMs: fetchMs,
      },
    ],
    // Each picture is one PUT; the product goes into the catalog and lists the address of each picture.
    itemNeeds: {
      puts: photos * pictures,
      storedBytes: photos * pictures * pictureBytes,
      tableWrites: Math.ceil((groupBytes + photos * pictures * 150) / 1_024),
    },
    sourceBytes: groupBytes,
    outputBytes: productBytes,
    assumed: [
      `a group has ${photos.toLocaleString('en-US', { maximumFractionDigits: 1 })} photos, of ${photoBytes / 1e6} MB, each by URL and there in ${fetchMs} ms`,
      `a photo takes ${photoMs} ms of a processor`,
      'continuation workers do all of it; what fits the first answer is done by then',
    ],
  };
}
