import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { picturesOf } from '../../../../src/workloads/create-products/looks.ts';
import { layOut } from '../../../../src/workloads/create-products/pictures/layout.ts';
import { createPhotoStudio } from '../../../../src/workloads/create-products/pictures/studio.ts';
import { presetNames } from '../../../../src/workloads/create-products/presets.ts';
import { createProductsOptions } from '../../../../src/workloads/create-products/schema.ts';
import { pixelAt } from './fixtures.ts';

const patient = new AbortController().signal;
/** Pictures that came cut out need no model. */
const studio = createPhotoStudio({ modelPath: '/nowhere.onnx' });
afterAll(() => studio.close());

/** A rectangle of one colour on nothing. */
const thing = (width: number, height: number, box: readonly [number, number, number, number]) => {
  const [x, y, w, h] = box;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect x="${x}" y="${y}" width="${w}" height="${h}" fill="#203040"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
};
const make = (photo: Buffer, options: object) =>
  studio.cutOut(photo, picturesOf(createProductsOptions.parse(options)), patient);

/** The box of what is not white and not transparent, in pixels, and whether the border is all white. */
async function seenIn(picture: Buffer) {
  const { data, info } = await sharp(picture)
    .flatten({ background: '#ffffff' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  let [left, top, right, bottom, isBorderWhite] = [info.width, info.height, 0, 0, true];
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++) {
      const at = (y * info.width + x) * info.channels;
      const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
      const isBorder = x === 0 || y === 0 || x === info.width - 1 || y === info.height - 1;
      if (isBorder && r + g + b !== 765) isBorderWhite = false;
      if (Math.min(r, g, b) > 128) continue;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  }
  return { ...{ width: info.width, height: info.height, left, top, right, bottom, isBorderWhite } };
}

describe('a canvas', () => {
  it.each([
    ['wide', [200, 300, 1600, 900]],
    ['tall', [700, 100, 500, 1400]],
    ['in a corner', [0, 0, 1500, 1500]],
  ] as const)('of amazon-main is white at its border, and a %s product takes 85% of it', async (_, box) => {
    const made = await make(await thing(2400, 1800, box), { preset: 'amazon-main' });
    expect(made).toMatchObject({ contentType: 'image/jpeg', width: made.height });
    const seen = await seenIn(made.data);
    expect(seen.isBorderWhite).toBe(true);
    const longer = Math.max(seen.right - seen.left, seen.bottom - seen.top);
    expect(longer / made.width).toBeGreaterThan(0.84);
    expect(longer / made.width).toBeLessThan(0.86);
    expect(Math.abs(seen.left - (made.width - seen.right))).toBeLessThanOrEqual(8);
    expect(Math.abs(seen.top - (made.height - seen.bottom))).toBeLessThanOrEqual(8);
    expect(made.width).toBeGreaterThanOrEqual(1600);
    expect(made.verdict.reasons).not.toContain('too-small');
  });

  it('that the photo cannot fill with pixels is smaller, and flagged', async () => {
    const made = await make(await thing(1200, 900, [300, 200, 600, 500]), { preset: 'amazon-main' });
    expect(made.width).toBeGreaterThan(690);
    expect(made.width).toBeLessThan(720);
    expect(made.verdict.reasons).toEqual(['too-small']);
  });

  it('of a size has that size, though the photo is enlarged for it', async () => {
    const canvas = { width: 900, height: 700, fill: 0.8, position: 'bottom' };
    const made = await make(await thing(300, 200, [100, 60, 80, 80]), {
      canvas,
      minSize: 500,
      outputFormat: 'png',
    });
    expect(made).toMatchObject({ width: 900, height: 700 });
    const seen = await seenIn(made.data);
    expect((seen.bottom - seen.top) / 700).toBeCloseTo(0.8, 1);
    expect(700 - seen.bottom).toBeGreaterThan(60);
    expect(700 - seen.bottom).toBeLessThan(80);
    expect((await pixelAt(made.data, 0, 0))[3]).toBe(0);
    // 900 pixels from seven times fewer.
    expect(made.verdict.reasons).toEqual(['too-small']);
  });

  it('holds a photo whole that is not cut out', async () => {
    const photo = await sharp({ create: { width: 400, height: 200, channels: 3, background: '#102030' } })
      .jpeg()
      .toBuffer();
    const made = await make(photo, {
      removeBackground: false,
      canvas: { aspect: '1:1' },
      background: 'tomato',
      outputFormat: 'png',
    });
    expect(made).toMatchObject({ width: 400, height: 400 });
    expect(await pixelAt(made.data, 0, 0)).toEqual([255, 99, 71, 255]);
    expect((await pixelAt(made.data, 0, 0.3))[0]).toBeLessThan(30);
  });

  it.each(['center', 'top', 'bottom', 'left', 'right'] as const)(
    'keeps the subject inside at %s',
    (position) => {
      for (const [width, height] of [
        [500, 500],
        [300, 900],
        [900, 300],
      ] as const) {
        const canvas = { width, height, fill: 0.85, position };
        const box = { left: 0.2, top: 0.1, right: 0.5, bottom: 0.9 };
        const { region, at, scaled } = layOut(
          { width: 1000, height: 800 },
          box,
          { maxDimension: 1600, canvas },
          false,
        );
        expect(at.left).toBeGreaterThanOrEqual(0);
        expect(at.top).toBeGreaterThanOrEqual(0);
        expect(at.left + region.width).toBeLessThanOrEqual(width);
        expect(at.top + region.height).toBeLessThanOrEqual(height);
        expect(region.left + region.width).toBeLessThanOrEqual(scaled.width);
        const subject = [
          (box.right - box.left) * scaled.width,
          (box.bottom - box.top) * scaled.height,
        ] as const;
        expect(Math.max(subject[0] / width, subject[1] / height)).toBeCloseTo(0.85, 1);
      }
    },
  );
});

describe('padding', () => {
  it.each([
    [40, 280, 180],
    ['10%', 240, 140],
    [0, 200, 100],
  ] as const)('of %s goes around the subject', async (padding, width, height) => {
    const made = await make(await thing(640, 640, [0, 100, 200, 100]), { padding, outputFormat: 'png' });
    expect(Math.abs(made.width - width)).toBeLessThanOrEqual(4);
    expect(Math.abs(made.height - height)).toBeLessThanOrEqual(4);
  });

  it('leaves the picture within maxDimension', async () => {
    const made = await make(await thing(640, 640, [0, 100, 600, 400]), { padding: 20, maxDimension: 200 });
    expect(made.width).toBe(200);
  });
});

it('crop none keeps the frame of the photo', async () => {
  const made = await make(await thing(640, 480, [100, 100, 100, 100]), { crop: 'none', outputFormat: 'png' });
  expect(made).toMatchObject({ width: 640, height: 480 });
  expect((await pixelAt(made.data, 0, 0))[3]).toBe(0);
});

describe('a contact shadow', () => {
  it('lies under the foot, never on the frame, and is no part of a white border', async () => {
    const canvas = { width: 400, height: 400 };
    const photo = await thing(640, 480, [200, 100, 240, 240]);
    const plain = await make(photo, { canvas, background: 'white', outputFormat: 'png' });
    const made = await make(photo, { canvas, background: 'white', outputFormat: 'png', shadow: 'contact' });
    const [under, before] = [await pixelAt(made.data, 0.5, 0.935), await pixelAt(plain.data, 0.5, 0.935)];
    expect(before.slice(0, 3)).toEqual([255, 255, 255]);
    expect(under[0]).toBeLessThan(250);
    expect(await pixelAt(made.data, 0.5, 0.5)).toEqual(await pixelAt(plain.data, 0.5, 0.5));
    expect((await seenIn(made.data)).isBorderWhite).toBe(true);
  });

  it('is a veil where there is no background', async () => {
    const photo = await thing(640, 480, [200, 100, 240, 240]);
    const made = await make(photo, {
      canvas: { width: 400, height: 400 },
      outputFormat: 'png',
      shadow: 'contact',
    });
    const [red, , , opacity] = await pixelAt(made.data, 0.5, 0.935);
    expect(red).toBe(0);
    expect(opacity).toBeGreaterThan(5);
    expect(opacity).toBeLessThan(200);
    expect((await pixelAt(made.data, 0, 0))[3]).toBe(0);
  });
});

describe('renditions', () => {
  it('are made of the same photo, each in its own way', async () => {
    const made = await make(await thing(2400, 1800, [200, 300, 1600, 900]), {
      outputFormat: 'png',
      background: '#eeeeee',
      renditions: [
        { name: 'thumb', maxDimension: 200, format: 'webp', quality: 60 },
        { name: 'banner', canvas: { width: 600, height: 200 } },
        { name: 'amazon', preset: 'amazon-main', maxDimension: 1000 },
      ],
    });
    expect(made.renditions.map(({ width, height, contentType }) => [width, height, contentType])).toEqual([
      [200, expect.any(Number), 'image/webp'],
      [600, 200, 'image/png'],
      [1000, 1000, 'image/jpeg'],
    ]);
    expect(await pixelAt(made.renditions[1]?.data ?? Buffer.of(), 0, 0)).toEqual([238, 238, 238, 255]);
    // The rendition stays below the 1,600 pixels of its preset.
    expect(made.verdict.reasons).toEqual(['too-small']);
  });
});

describe('options', () => {
  const five = Array.from({ length: 5 }, (_, at) => ({ name: `r${at}`, maxDimension: 100 }));
  it.each([
    ['an unknown preset', { preset: 'amazon' }, 'preset'],
    [
      'an unknown preset of a rendition',
      { renditions: [{ name: 'a', preset: 'etsy' }] },
      'renditions.0.preset',
    ],
    ['a canvas of 0', { canvas: { width: 0, height: 500 } }, 'canvas.width'],
    ['a canvas of 10,001', { canvas: { width: 500, height: 10_001 } }, 'canvas.height'],
    ['a canvas of too many pixels', { canvas: { width: 9_000, height: 9_000 } }, 'canvas'],
    ['a canvas with one side', { canvas: { width: 500 } }, 'canvas'],
    ['a canvas of two minds', { canvas: { width: 500, height: 500, aspect: '1:1' } }, 'canvas.aspect'],
    ['an aspect that is none', { canvas: { aspect: '0:1' } }, 'canvas.aspect'],
    ['an aspect like a line', { canvas: { aspect: '100:1' } }, 'canvas.aspect'],
    ['a fill of 1.2', { canvas: { aspect: '1:1', fill: 1.2 } }, 'canvas.fill'],
    ['a fill of 0', { canvas: { aspect: '1:1', fill: 0 } }, 'canvas.fill'],
    ['six renditions', { renditions: [...five, { name: 'r5', maxDimension: 100 }] }, 'renditions'],
    ['two of one name', { renditions: [five[0], five[1], five[0]] }, 'renditions.2.name'],
    ['a name that is a path', { renditions: [{ name: '../a', maxDimension: 100 }] }, 'renditions.0.name'],
    ['a rendition like the main picture', { renditions: [{ name: 'a' }] }, 'renditions.0'],
    [
      'a fill of 1.2 in a rendition',
      { renditions: [{ name: 'a', canvas: { aspect: '1:1', fill: 1.2 } }] },
      'renditions.0.canvas.fill',
    ],
    ['a colour that is none', { background: 'transparentish' }, 'background'],
    ['padding and canvas', { padding: 5, canvas: { aspect: '1:1' } }, 'padding'],
    ['padding without room', { padding: 60, maxDimension: 100 }, 'padding'],
    ['padding of half', { padding: '50%' }, 'padding'],
    ['an unknown doubt', { onDoubt: 'retry' }, 'onDoubt'],
    ['an unknown key', { canvas: { aspect: '1:1', colour: 'red' } }, 'canvas'],
  ])('refuse %s, and say where', (_, options, path) => {
    const { error } = createProductsOptions.safeParse(options);
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });

  it.each(presetNames)('of the preset %s give way to what is said', (preset) => {
    const { canvas, outputFormat, quality, background, minSize, maxDimension } = picturesOf(
      createProductsOptions.parse({
        preset,
        outputFormat: 'png',
        background: 'white',
        canvas: { width: 50, height: 60 },
      }),
    );
    expect(minSize).toBeGreaterThan(0);
    expect(quality).toBeGreaterThan(82);
    expect(maxDimension).toBeGreaterThanOrEqual(1500);
    expect({ canvas, outputFormat, background }).toEqual({
      canvas: { width: 50, height: 60, fill: 0.85, position: 'center' },
      outputFormat: 'png',
      background: 'white',
    });
  });

  it('without any are those of before', () => {
    const { outputFormat, quality, maxDimension, canvas } = picturesOf(createProductsOptions.parse({}));
    expect({ outputFormat, quality, maxDimension, canvas }).toEqual({
      outputFormat: 'webp',
      quality: 82,
      maxDimension: 1600,
      canvas: undefined,
    });
  });
});
