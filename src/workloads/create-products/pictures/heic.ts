import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import sharp from 'sharp';
import type { HeicReply } from './heic-worker.ts';
import { explaining, type Photo } from './inspect.ts';

/** One at a time: decoding 100 megapixels takes a gigabyte. */
const turns = pLimit(1);
/** A photo of 12 megapixels takes about two seconds. */
const timeoutMs = 120_000;
/** Of the copy that the rest of the pipeline works on: what it loses, nobody sees. */
const quality = 97;

/**
 * The photo as a JPEG, or a PNG if it has transparent parts, upright and with its colour profile: sharp comes without a
 * decoder for HEVC. A compressed copy, because a decoded one of 12 megapixels would be 48 MB for as long as the photo
 * waits for the model. Throws `PHOTO_DAMAGED` or `PHOTO_TRUNCATED`.
 */
export function decodeHeic(photo: Photo): Promise<Photo> {
  return turns(() => explaining(photo, () => copyOf(photo)));
}

async function copyOf({ bytes }: Photo): Promise<Photo> {
  const { hasAlpha, icc } = await sharp(bytes, { limitInputPixels: false }).metadata();
  const { rgba, width, height } = await inThread(bytes);
  const picture = sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: false });
  if (hasAlpha) {
    const png = await picture.png({ compressionLevel: 3 }).toBuffer();
    return { bytes: png, container: 'png', width, height, hasAlpha };
  }
  const jpeg = await picture.removeAlpha().jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
  return { bytes: icc ? withProfile(jpeg, icc) : jpeg, container: 'jpeg', width, height, hasAlpha };
}

async function inThread(bytes: Buffer): Promise<HeicReply> {
  const worker = new Worker(workerUrl(), {
    workerData: bytes,
    // The decoder prints what it thinks of damaged photos.
    stdout: true,
    stderr: true,
  });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // Rejects with the error that ended the thread.
    const [reply] = (await once(worker, 'message', { signal })) as [HeicReply];
    return reply;
  } finally {
    await worker.terminate();
  }
}

/** Bytes of a profile in one segment of a JPEG, behind its length and its heading. */
const segmentBytes = 65_519;
const heading = Buffer.from('ICC_PROFILE\0', 'latin1');

/** Puts a colour profile into a JPEG, right after its first marker (ICC.1, "Embedding ICC profiles in JPEG files"). */
function withProfile(jpeg: Buffer, profile: Buffer): Buffer {
  const count = Math.ceil(profile.length / segmentBytes);
  const segments = Array.from({ length: count }, (_, at) => {
    const part = profile.subarray(at * segmentBytes, (at + 1) * segmentBytes);
    const start = Buffer.from([0xff, 0xe2, 0, 0]);
    start.writeUInt16BE(2 + heading.length + 2 + part.length, 2);
    return Buffer.concat([start, heading, Buffer.from([at + 1, count]), part]);
  });
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** The worker's module beside this file, as source (.ts) or as a bundle (.mjs or .js). */
function workerUrl(): URL {
  return new URL(`./heic-worker${extname(import.meta.url)}`, import.meta.url);
}
