import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inspectPhoto } from '../../../../src/workloads/create-products/pictures/inspect.ts';
import { createPhotoStudio } from '../../../../src/workloads/create-products/pictures/studio.ts';
import { photoFailure, pixelAt, quarters, wanted } from './fixtures.ts';

const photo = (name: string) => readFile(new URL(`./photos/${name}`, import.meta.url));

async function pictureOf(bytes: Buffer) {
  const studio = createPhotoStudio();
  onTestFinished(() => studio.close());
  return studio.cutOut(bytes, wanted({ removeBackground: false }), new AbortController().signal);
}

/** Within what the encoders lose. */
const near = (colour: readonly number[]) => colour.map((value) => expect.closeTo(value, -1.5));

describe('a HEIC photo', () => {
  it('becomes a picture', async () => {
    const { data, width, height } = await pictureOf(await photo('plain.heic'));
    expect({ width, height }).toEqual({ width: 96, height: 64 });
    expect(await pixelAt(data, 0.1, 0.1)).toEqual(near([220, 20, 20, 255]));
    expect(await pixelAt(data, 0.9, 0.1)).toEqual(near([255, 255, 255, 255]));
  });

  it.each(['mif1', 'tmap'])('is known by how it is coded, whatever its first brand: %s', async (brand) => {
    const bytes = await photo('plain.heic');
    bytes.write(brand, 8, 'latin1');
    expect(await inspectPhoto(bytes)).toMatchObject({ isHeic: true });
  });

  it('is turned upright, once', async () => {
    const { data, width, height } = await pictureOf(await photo('turned.heic'));
    expect({ width, height }).toEqual({ width: 64, height: 96 });
    expect(await pixelAt(data, 0.9, 0.1)).toEqual(near([220, 20, 20, 255]));
    expect(await pixelAt(data, 0.1, 0.9)).toEqual(near([255, 255, 255, 255]));
  });

  it('keeps its opacity', async () => {
    const { data } = await pictureOf(await photo('alpha.heic'));
    expect((await pixelAt(data, 0.5, 0.02))[3]).toBeLessThan(20);
    expect((await pixelAt(data, 0.5, 0.98))[3]).toBeGreaterThan(235);
  });

  it('in the colours of a phone becomes what a browser shows', async () => {
    // (200, 50, 50) in Display P3.
    const { data } = await pictureOf(await photo('p3.heic'));
    expect(await pixelAt(data, 0.5, 0.5)).toEqual(near([218, 24, 42, 255]));
  });

  it('whose end is missing is told apart from a damaged one', async () => {
    const whole = await photo('plain.heic');
    expect((await photoFailure(pictureOf(whole.subarray(0, 900)))).code).toBe('PHOTO_TRUNCATED');
    // It says that it is HEIC, and is not.
    const avif = await quarters(64, 48).avif({ effort: 0 }).toBuffer();
    const damaged = Buffer.from(avif.toString('latin1').replaceAll('avif', 'heic'), 'latin1');
    expect((await photoFailure(pictureOf(damaged))).code).toBe('PHOTO_DAMAGED');
  });

  it('with too many pixels is refused by its header alone', async () => {
    const bytes = await photo('plain.heic');
    // The box that states the size: four bytes of flags, then width and height.
    const at = bytes.indexOf('ispe') + 8;
    bytes.writeUInt32BE(10_000, at);
    bytes.writeUInt32BE(10_000, at + 4);
    expect((await photoFailure(inspectPhoto(bytes))).code).toBe('PHOTO_TOO_MANY_PIXELS');
  });
});

describe('an AVIF that moves', () => {
  it('gives its first picture', async () => {
    const { data, width, height } = await pictureOf(await photo('anim.avif'));
    expect({ width, height }).toEqual({ width: 64, height: 48 });
    expect(await pixelAt(data, 0.5, 0.5)).toEqual(near([255, 0, 0, 255]));
  });
});
