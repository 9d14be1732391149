import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { expect } from 'vitest';
import { PhotoError } from '../../../../src/workloads/create-products/pictures/photo-errors.ts';
import type { PictureOptions } from '../../../../src/workloads/create-products/pictures/render.ts';

export const samplePhoto = (name: string) =>
  readFile(new URL(`../../../../events/photos/${name}`, import.meta.url));

export const wanted = (options: Partial<PictureOptions> = {}): PictureOptions => ({
  outputFormat: 'png',
  quality: 80,
  removeBackground: true,
  maxDimension: 1200,
  ...options,
});

/** Red, green / blue, yellow: four quarters that show which way is up. */
export function quarters(width: number, height: number): Sharp {
  const [x, y] = [width / 2, height / 2];
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
        `<rect width="${x}" height="${y}" fill="#ff0000"/><rect x="${x}" width="${x}" height="${y}" fill="#00ff00"/>` +
        `<rect y="${y}" width="${x}" height="${y}" fill="#0000ff"/><rect x="${x}" y="${y}" width="${x}" height="${y}" fill="#ffff00"/></svg>`,
    ),
  ).removeAlpha();
}

/** Red, green, blue and opacity at a place given as shares of width and height. */
export async function pixelAt(picture: Buffer, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(picture).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = Math.floor(y * (info.height - 1)) * info.width + Math.floor(x * (info.width - 1));
  return [...data.subarray(at * 4, at * 4 + 4)];
}

/** The PNG chunk of a type and data; checksums are left wrong where nobody is to get that far. */
function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(data.length + 12);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, 'latin1');
  data.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + data.length)), 8 + data.length);
  return framed;
}

/** ISO 3309, as PNG wants it. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A PNG that promises so many pixels and delivers none. */
export function emptyPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [chunk('IHDR', header), chunk('IDAT', Buffer.alloc(0)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

export async function photoFailure(promise: Promise<unknown>): Promise<PhotoError> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(PhotoError);
  return error;
}
