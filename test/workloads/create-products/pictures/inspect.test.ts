import { beforeAll, describe, expect, it } from 'vitest';
import {
  isCutShort,
  type PhotoContainer,
} from '../../../../src/workloads/create-products/pictures/containers.ts';
import { inspectPhoto } from '../../../../src/workloads/create-products/pictures/inspect.ts';
import { emptyPng, photoFailure, quarters } from './fixtures.ts';

const whole: { container: PhotoContainer; name: string; photo: Buffer }[] = [];

beforeAll(async () => {
  const drawn = quarters(64, 48);
  whole.push(
    { container: 'jpeg', name: 'JPEG', photo: await drawn.clone().jpeg().toBuffer() },
    {
      container: 'jpeg',
      name: 'progressive JPEG',
      photo: await drawn.clone().jpeg({ progressive: true }).toBuffer(),
    },
    { container: 'png', name: 'PNG', photo: await drawn.clone().png().toBuffer() },
    { container: 'webp', name: 'WebP', photo: await drawn.clone().webp().toBuffer() },
    { container: 'heif', name: 'AVIF', photo: await drawn.clone().avif({ effort: 0 }).toBuffer() },
  );
});

describe('inspecting a photo', () => {
  it('tells container and size from the bytes', async () => {
    for (const { container, photo } of whole) {
      expect(await inspectPhoto(photo)).toMatchObject({ container, width: 64, height: 48, hasAlpha: false });
    }
  });

  it('gives the size of the upright photo', async () => {
    const lying = await quarters(64, 48).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await inspectPhoto(lying)).toMatchObject({ width: 48, height: 64 });
  });

  it.each([
    ['nothing', '', 'PHOTO_EMPTY'],
    ['text', 'hello', 'PHOTO_NOT_AN_IMAGE'],
    ['a web page', '<!DOCTYPE html><html><body>Not found</body></html>', 'PHOTO_NOT_AN_IMAGE'],
    ['JSON', '{"error": "<svg"}', 'PHOTO_NOT_AN_IMAGE'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'PHOTO_UNSUPPORTED'],
    [
      'SVG with a prologue',
      '\ufeff<?xml version="1.0"?>\n<!-- drawn --><svg width="9" height="9"/>',
      'PHOTO_UNSUPPORTED',
    ],
    ['GIF', 'GIF89a\x01\0\x01\0\0\0\0;', 'PHOTO_UNSUPPORTED'],
    ['TIFF', 'II*\0\x08\0\0\0', 'PHOTO_UNSUPPORTED'],
    ['PDF', '%PDF-1.7\n', 'PHOTO_UNSUPPORTED'],
    ['BMP', `BM${'\0'.repeat(60)}`, 'PHOTO_UNSUPPORTED'],
    ['a JPEG of nothing but its first bytes', '\xff\xd8\xff\xe0', 'PHOTO_TRUNCATED'],
    ['a WebP of nothing but its first bytes', 'RIFF\xff\0\0\0WEBPVP8 ', 'PHOTO_TRUNCATED'],
  ])('refuses %s', async (_, text, code) => {
    const photo = Buffer.from(text, text.startsWith('\ufeff') ? 'utf8' : 'latin1');
    expect(await photoFailure(inspectPhoto(photo))).toMatchObject({ code, retryable: false });
  });

  it('refuses 100 megapixels by the header alone, and takes fewer', async () => {
    const error = await photoFailure(inspectPhoto(emptyPng(10_000, 10_000)));
    expect(error).toMatchObject({ code: 'PHOTO_TOO_MANY_PIXELS', retryable: false });
    expect(error.message).toContain('10000 × 10000');
    expect((await photoFailure(inspectPhoto(emptyPng(65_000, 65_000)))).code).toBe('PHOTO_TOO_MANY_PIXELS');
    expect(await inspectPhoto(emptyPng(10_000, 9_999))).toMatchObject({ width: 10_000, height: 9_999 });
  });
});

describe('a missing end', () => {
  it('is noticed wherever the photo is cut', () => {
    for (const { container, name, photo } of whole) {
      expect(isCutShort(photo, container), name).toBe(false);
      // Up to the last checksum of a PNG, which nobody misses.
      const unnoticed = Array.from({ length: photo.length - 16 }, (_, at) => at + 12).filter(
        (length) => !isCutShort(photo.subarray(0, length), container),
      );
      expect(unnoticed, name).toEqual([]);
    }
  });

  it('is not mistaken for bytes after the end', () => {
    for (const { container, photo } of whole.filter((one) => one.container !== 'heif')) {
      expect(isCutShort(Buffer.concat([photo, Buffer.alloc(100, 7)]), container)).toBe(false);
    }
  });
});
