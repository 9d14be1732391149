import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SpillwayError } from '../../../../src/core/engine/errors.ts';
import { frame } from '../../../../src/workloads/create-products/pictures/render.ts';
import {
  createPhotoStudio,
  type PhotoStudio,
} from '../../../../src/workloads/create-products/pictures/studio.ts';
import { photoFailure, pixelAt, quarters, samplePhoto, wanted } from './fixtures.ts';

let studio: PhotoStudio;
/** Would fail at once if the model were asked. */
let withoutModel: PhotoStudio;
const patient = new AbortController().signal;

beforeAll(async () => {
  studio = createPhotoStudio({ parallel: 1 });
  withoutModel = createPhotoStudio({ modelPath: '/nowhere/u2netp.onnx' });
  await studio.warmUp();
});

afterAll(async () => {
  await studio.close();
  await withoutModel.close();
});

describe('a cut-out', () => {
  it('keeps the subject, and nothing else of the photo', async () => {
    const photo = await samplePhoto('mug-1.jpg');
    const picture = await studio.cutOut(photo, wanted(), patient);
    expect(picture).toMatchObject({ contentType: 'image/png', subjectFound: true });
    // The mug is about 630 × 700 of the photo's 1600 × 1200 pixels.
    expect(picture.width).toBeGreaterThan(520);
    expect(picture.width).toBeLessThan(740);
    expect(picture.height).toBeGreaterThan(600);
    expect(picture.height).toBeLessThan(800);
    expect(await sharp(picture.data).metadata()).toMatchObject({
      width: picture.width,
      height: picture.height,
    });
    // Colour as well: a background that is merely invisible would still be in the file.
    for (const [x, y] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      expect(await pixelAt(picture.data, x, y)).toEqual([0, 0, 0, 0]);
    }
    const [red = 0, green = 0, , opacity] = await pixelAt(picture.data, 0.35, 0.85);
    expect(opacity).toBe(255);
    expect(red).toBeGreaterThan(green + 60);
    // Through the handle one sees the background.
    expect((await pixelAt(picture.data, 0.8, 0.45))[3]).toBe(0);
  });

  it.each([
    ['webp', 'image/webp', true],
    ['avif', 'image/avif', true],
    ['jpeg', 'image/jpeg', false],
  ] as const)('as %s', async (outputFormat, contentType, transparent) => {
    const photo = await samplePhoto('bottle-3.webp');
    const picture = await studio.cutOut(photo, wanted({ outputFormat, maxDimension: 300 }), patient);
    expect(picture).toMatchObject({ contentType, height: 300 });
    const { format, hasAlpha } = await sharp(picture.data).metadata();
    expect(format).toBe(outputFormat === 'avif' ? 'heif' : outputFormat);
    expect(hasAlpha).toBe(transparent);
    const [red = 0, green = 0, blue = 0, opacity] = await pixelAt(picture.data, 0, 0);
    if (transparent) expect(opacity).toBe(0);
    else expect(Math.min(red, green, blue)).toBeGreaterThan(250);
  });

  it.each([
    ['jpeg', '#00ff00'],
    ['webp', 'lime'],
  ] as const)('as %s on %s', async (outputFormat, background) => {
    const photo = await samplePhoto('bottle-3.webp');
    const options = wanted({ outputFormat, background, maxDimension: 300 });
    const { data } = await studio.cutOut(photo, options, patient);
    const [red = 255, green = 0, blue = 255] = await pixelAt(data, 0, 0);
    expect(green).toBeGreaterThan(240);
    expect(Math.max(red, blue)).toBeLessThan(30);
    expect((await sharp(data).metadata()).hasAlpha).toBe(false);
  });

  it('lies over the subject also where the photo is stored on its side', async () => {
    const lying = await samplePhoto('watch-1.jpg');
    const upright = await sharp(lying).autoOrient().png().toBuffer();
    expect(await sharp(lying).metadata()).toMatchObject({ orientation: 6, width: 1600, height: 1200 });
    const one = await studio.cutOut(lying, wanted(), patient);
    const other = await studio.cutOut(upright, wanted(), patient);
    expect(one.height).toBeGreaterThan(one.width * 1.5);
    expect(Math.abs(one.width - other.width)).toBeLessThan(20);
    expect(Math.abs(one.height - other.height)).toBeLessThan(20);
    // The dial is dark blue, and in the middle.
    const [red = 255, , blue = 0, opacity] = await pixelAt(one.data, 0.45, 0.55);
    expect(opacity).toBe(255);
    expect(blue).toBeGreaterThan(red);
  });

  it('of 54 megapixels is made within maxDimension', async () => {
    const picture = await studio.cutOut(
      await samplePhoto('chair-3.jpg'),
      wanted({ maxDimension: 500 }),
      patient,
    );
    expect(Math.max(picture.width, picture.height)).toBe(500);
  });

  it('of a grey photo keeps the subject', async () => {
    const grey = await sharp(await samplePhoto('mug-1.jpg'))
      .resize(800)
      .greyscale()
      .jpeg()
      .toBuffer();
    const picture = await studio.cutOut(grey, wanted(), patient);
    expect(picture.subjectFound).toBe(true);
    expect(await pixelAt(picture.data, 0, 0)).toEqual([0, 0, 0, 0]);
    expect((await pixelAt(picture.data, 0.35, 0.85))[3]).toBe(255);
  });

  it('of a photo without a subject is the whole photo, and says so', async () => {
    const empty = await sharp({ create: { width: 600, height: 400, channels: 3, background: '#000000' } })
      .jpeg()
      .toBuffer();
    const picture = await studio.cutOut(empty, wanted(), patient);
    expect(picture).toMatchObject({ width: 600, height: 400, subjectFound: false });
    expect((await pixelAt(picture.data, 0.5, 0.5))[3]).toBe(255);
  });

  it('of a picture that is cut out already keeps its own transparency, and needs no model', async () => {
    const circle =
      '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><circle cx="100" cy="200" r="50" fill="#ff8800"/></svg>';
    const picture = await withoutModel.cutOut(
      await sharp(Buffer.from(circle)).png().toBuffer(),
      wanted(),
      patient,
    );
    expect(picture.subjectFound).toBe(true);
    expect(picture.width).toBeGreaterThanOrEqual(100);
    expect(picture.width).toBeLessThan(115);
    expect(await pixelAt(picture.data, 0.5, 0.5)).toEqual([255, 136, 0, 255]);
    expect((await pixelAt(picture.data, 0, 0))[3]).toBe(0);
  });

  it('of a picture that is cut out already lies on the background that is wanted', async () => {
    const circle =
      '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><circle cx="100" cy="200" r="50" fill="#ff8800"/></svg>';
    const photo = await sharp(Buffer.from(circle)).png().toBuffer();
    const white = await withoutModel.cutOut(photo, wanted({ outputFormat: 'jpeg', quality: 95 }), patient);
    expect(Math.min(...(await pixelAt(white.data, 0, 0)))).toBeGreaterThan(250);
    const { data } = await withoutModel.cutOut(photo, wanted({ background: '#0000ff' }), patient);
    expect(await pixelAt(data, 0, 0)).toEqual([0, 0, 255, 255]);
    expect(await pixelAt(data, 0.5, 0.5)).toEqual([255, 136, 0, 255]);
  });

  it('may be smaller than what the model sees', async () => {
    const picture = await studio.cutOut(
      await samplePhoto('mug-1.jpg'),
      wanted({ maxDimension: 48 }),
      patient,
    );
    expect(picture).toMatchObject({ height: 48, subjectFound: true });
    expect((await pixelAt(picture.data, 0, 0))[3]).toBe(0);
    expect((await pixelAt(picture.data, 0.35, 0.85))[3]).toBe(255);
  });

  it('is the same whether photos come one by one or together', async () => {
    const together = createPhotoStudio();
    try {
      const photos = await Promise.all(['mug-1.jpg', 'bottle-3.webp', 'lamp-1.jpg'].map(samplePhoto));
      const pictures = await Promise.all(
        photos.map((photo) => together.cutOut(photo, wanted({ maxDimension: 400 }), patient)),
      );
      for (const [index, photo] of photos.entries()) {
        const alone = await studio.cutOut(photo, wanted({ maxDimension: 400 }), patient);
        expect(pictures[index]?.data.equals(alone.data)).toBe(true);
      }
    } finally {
      await together.close();
    }
  });
});

describe('a whole picture', () => {
  const whole = wanted({ removeBackground: false });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is upright for EXIF orientation %i', async (orientation) => {
    const upright = quarters(120, 80);
    // How a camera that was held so would store it: the reverse of what the viewer does (CIPA DC-008, 4.6.5).
    const turned = await upright
      .rotate([0, 0, 180, 180, 90, 270, 90, 90][orientation - 1] ?? 0)
      .png()
      .toBuffer();
    let stored = sharp(turned);
    if ([2, 5].includes(orientation)) stored = stored.flop();
    if (orientation === 4) stored = stored.flop();
    if (orientation === 7) stored = stored.flip();
    const photo = await stored.withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer();
    const picture = await withoutModel.cutOut(photo, whole, patient);
    expect(picture).toMatchObject({ width: 120, height: 80, subjectFound: true });
    const corners = await Promise.all(
      (
        [
          [0.1, 0.1],
          [0.9, 0.1],
          [0.1, 0.9],
          [0.9, 0.9],
        ] as const
      ).map(async ([x, y]) =>
        (await pixelAt(picture.data, x, y))
          .slice(0, 3)
          .map((value) => (value > 128 ? 1 : 0))
          .join(''),
      ),
    );
    expect(corners).toEqual(['100', '010', '001', '110']);
  });

  it('is scaled down to maxDimension and never up', async () => {
    const photo = await quarters(400, 200).png().toBuffer();
    expect(await withoutModel.cutOut(photo, { ...whole, maxDimension: 100 }, patient)).toMatchObject({
      width: 100,
      height: 50,
    });
    expect(await withoutModel.cutOut(photo, { ...whole, maxDimension: 4096 }, patient)).toMatchObject({
      width: 400,
      height: 200,
    });
  });

  it('tells nothing of where and with what it was taken', async () => {
    const exif = { IFD0: { Make: 'Spycam' }, IFD3: { GPSLatitudeRef: 'N' } };
    const photo = await quarters(64, 64).withExif(exif).jpeg().toBuffer();
    expect(photo.includes('Spycam')).toBe(true);
    const { data } = await withoutModel.cutOut(photo, { ...whole, outputFormat: 'jpeg' }, patient);
    expect((await sharp(data).metadata()).exif).toBeUndefined();
  });

  it.each([
    ['a grey photo', false, () => quarters(64, 64).greyscale().jpeg()],
    ['a grey photo with alpha', false, () => quarters(64, 64).greyscale().ensureAlpha(1).png()],
    ['a CMYK photo', true, () => quarters(64, 64).toColourspace('cmyk').jpeg()],
    ['a photo of 16 bits', true, () => quarters(64, 64).toColourspace('rgb16').png()],
    ['a photo in Display P3', true, () => quarters(64, 64).withIccProfile('p3').png()],
    ['a palette', true, () => quarters(64, 64).png({ palette: true })],
  ])('of %s is in ordinary colours', async (_, colourful, draw) => {
    const photo = await draw().toBuffer();
    for (const outputFormat of ['jpeg', 'png'] as const) {
      const { data } = await withoutModel.cutOut(photo, { ...whole, outputFormat }, patient);
      expect(await sharp(data).metadata()).toMatchObject({ space: 'srgb', depth: 'uchar', width: 64 });
      const [red = 0, green = 0, blue = 0] = await pixelAt(data, 0.2, 0.2);
      if (colourful) {
        expect(red).toBeGreaterThan(215);
        expect(Math.max(green, blue)).toBeLessThan(60);
      } else {
        expect(Math.abs(red - green) + Math.abs(green - blue)).toBeLessThan(6);
        expect(red).toBeGreaterThan(40);
      }
    }
  });
});

describe('a bad photo', () => {
  it('that is cut short fails, instead of ending in grey', async () => {
    const png = await quarters(640, 480).png().toBuffer();
    const webp = await quarters(640, 480).webp().toBuffer();
    const avif = await quarters(640, 480).avif({ effort: 0 }).toBuffer();
    const cut = [png, webp, avif].map((photo) => photo.subarray(0, Math.floor(photo.length * 0.7)));
    for (const photo of [await samplePhoto('shoe-4-broken.jpg'), ...cut]) {
      for (const removeBackground of [true, false]) {
        const error = await photoFailure(withoutModel.cutOut(photo, wanted({ removeBackground }), patient));
        expect(error).toMatchObject({ code: 'PHOTO_TRUNCATED', retryable: false });
      }
    }
  });

  it('that is damaged fails, even when only the full decode notices', async () => {
    const photo = await quarters(640, 480).png({ compressionLevel: 0 }).toBuffer();
    const middle = Math.floor(photo.length / 2);
    photo.fill(0xa5, middle, middle + 400);
    const error = await photoFailure(
      withoutModel.cutOut(photo, wanted({ removeBackground: false }), patient),
    );
    expect(error).toMatchObject({ code: 'PHOTO_DAMAGED', retryable: false });
  });

  it('is no reason to fail for a missing model, which can be mended', async () => {
    const photo = await samplePhoto('mug-1.jpg');
    const error = await withoutModel.cutOut(photo, wanted(), patient).catch((reason) => reason);
    expect(error).toBeInstanceOf(SpillwayError);
    expect(error).toMatchObject({ code: 'MODEL_FAILED', retryable: true });
  });
});

describe('an abort', () => {
  const reason = new Error('budget ended');

  it('is heard at once while another photo has the only turn', async () => {
    const photo = await samplePhoto('bottle-3.webp');
    const order: string[] = [];
    const first = studio.cutOut(photo, wanted(), patient).then(() => order.push('first'));
    const waiting = new AbortController();
    const second = studio.cutOut(photo, wanted(), waiting.signal).catch((error) => {
      order.push('second');
      return error;
    });
    waiting.abort(reason);
    expect(await second).toBe(reason);
    await first;
    expect(order).toEqual(['second', 'first']);
    expect((await studio.cutOut(photo, wanted(), patient)).subjectFound).toBe(true);
  });

  it('is heard at once in the middle of the work', async () => {
    const photo = await samplePhoto('chair-3.jpg');
    const running = new AbortController();
    const picture = studio.cutOut(photo, wanted(), running.signal).catch((error) => error);
    await new Promise(setImmediate);
    running.abort(reason);
    // Decoding goes on for a while: only what does not wait for it comes before the next turn of the event loop.
    const nextTurn = new Promise((resolve) => setImmediate(resolve, 'too late'));
    expect(await Promise.race([picture, nextTurn])).toBe(reason);
  });

  it('before the start needs no turn', async () => {
    await expect(studio.cutOut(Buffer.alloc(0), wanted(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

it('the event loop goes on while the model computes', async () => {
  const photo = await samplePhoto('bottle-3.webp');
  let last = performance.now();
  let longestGap = 0;
  const tick = setInterval(() => {
    longestGap = Math.max(longestGap, performance.now() - last);
    last = performance.now();
  }, 5);
  const started = last;
  await studio.cutOut(photo, wanted({ maxDimension: 200 }), patient);
  longestGap = Math.max(longestGap, performance.now() - last);
  clearInterval(tick);
  // The model takes nearly all of the time: were it to hold the loop, so would the longest gap.
  expect(longestGap).toBeLessThan((performance.now() - started) / 2);
});

it('a framing lies within the scaled photo, within the limit, and enlarges nothing', () => {
  const edges = fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .filter(([a, b]) => Math.abs(a - b) > 0.003)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const side = fc.integer({ min: 1, max: 12_000 });
  fc.assert(
    fc.property(
      side,
      side,
      edges,
      edges,
      fc.integer({ min: 16, max: 4096 }),
      (width, height, [left, right], [top, bottom], limit) => {
        const { scaled, region } = frame({ width, height }, { left, top, right, bottom }, limit);
        expect(scaled.width).toBeLessThanOrEqual(width);
        expect(scaled.height).toBeLessThanOrEqual(height);
        expect(region.width).toBeGreaterThan(0);
        expect(region.height).toBeGreaterThan(0);
        expect(region.left + region.width).toBeLessThanOrEqual(scaled.width);
        expect(region.top + region.height).toBeLessThanOrEqual(scaled.height);
        expect(Math.max(region.width, region.height)).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

it('a studio refuses settings that make no sense, and quotes them', () => {
  expect(() => createPhotoStudio({ parallel: 0 })).toThrow(/parallel.*0/);
  expect(() => createPhotoStudio({ threads: 1.5 })).toThrow(/threads.*1\.5/);
  expect(() => createPhotoStudio({ models: 65 })).toThrow(/models.*65/);
});
