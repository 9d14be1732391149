import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  type Bitmap,
  blend,
  type Placement,
} from '../../../../src/workloads/create-products/pictures/blend.ts';

const grey = (width: number, height: number, data: readonly number[]): Bitmap => ({
  data: Uint8Array.from(data),
  width,
  height,
  channels: 1,
});

/** All pixels of one colour. */
const plain = (width: number, height: number, colour: readonly number[]): Bitmap => ({
  data: Uint8Array.from(
    { length: width * height * colour.length },
    (_, at) => colour[at % colour.length] ?? 0,
  ),
  width,
  height,
  channels: colour.length,
});

/** The whole of a photo of this size. */
const whole = (width: number, height: number): Placement => ({
  scaled: { width, height },
  region: { left: 0, top: 0 },
});

const opacities = ({ data }: Bitmap) => [...data].filter((_, at) => at % 4 === 3);

describe('blending', () => {
  it('shows colours as they are, and hides those of which nothing is seen', async () => {
    const picture = await blend(plain(3, 1, [10, 20, 30]), grey(3, 1, [255, 128, 0]), whole(3, 1));
    expect(picture).toMatchObject({ width: 3, height: 1, channels: 4 });
    expect([...picture.data]).toEqual([10, 20, 30, 255, 10, 20, 30, 128, 0, 0, 0, 0]);
  });

  it('keeps the photo’s own transparency', async () => {
    const photo = plain(3, 1, [10, 20, 30, 128]);
    const picture = await blend(photo, grey(3, 1, [255, 128, 0]), whole(3, 1));
    expect(opacities(picture)).toEqual([128, 64, 0]);
  });

  it('over a background has no transparency left', async () => {
    const picture = await blend(
      plain(3, 1, [0, 100, 255]),
      grey(3, 1, [255, 128, 0]),
      whole(3, 1),
      [255, 0, 0],
    );
    expect(picture.channels).toBe(3);
    expect([...picture.data]).toEqual([0, 100, 255, 127, 50, 128, 255, 0, 0]);
  });

  it('takes the part of the opacity that lies over the region', async () => {
    const opacity = grey(2, 2, [0, 0, 0, 255]);
    const at = async (left: number, top: number) => {
      const placement = { scaled: { width: 40, height: 40 }, region: { left, top } };
      return opacities(await blend(plain(10, 10, [1, 2, 3]), opacity, placement));
    };
    // A spline swings over a little.
    expect(Math.max(...(await at(0, 0)))).toBeLessThanOrEqual(2);
    expect(Math.max(...(await at(30, 0)))).toBe(0);
    expect(Math.max(...(await at(0, 30)))).toBe(0);
    expect(Math.min(...(await at(30, 30)))).toBe(255);
  });

  it('makes slopes out of steps, without a shift to either side', async () => {
    const step = [0, 0, 255, 255];
    const slope = opacities(await blend(plain(40, 1, [1, 2, 3]), grey(4, 1, step), whole(40, 1)));
    expect(slope.slice(0, 14).every((value) => value === 0)).toBe(true);
    expect(slope.slice(-14).every((value) => value === 255)).toBe(true);
    for (let x = 0; x < 20; x++) expect((slope[x] ?? 0) + (slope[39 - x] ?? 0)).toBeCloseTo(255, -0.5);
  });

  it('agrees with libvips on an opacity that is stretched', async () => {
    const drawn = '<svg width="320" height="320"><circle cx="150" cy="170" r="90" fill="#fff"/></svg>';
    const data = await sharp(Buffer.from(drawn)).extractChannel(3).raw().toBuffer();
    const size = { width: 500, height: 400 };
    const placement: Placement = { scaled: { width: 1600, height: 1200 }, region: { left: 300, top: 250 } };
    const picture = await blend(
      plain(size.width, size.height, [9, 9, 9]),
      { data, width: 320, height: 320, channels: 1 },
      placement,
    );
    const expected = await sharp(data, { raw: { width: 320, height: 320, channels: 1 } })
      .resize(1600, 1200, { fit: 'fill', kernel: 'cubic' })
      .extract({ ...placement.region, ...size })
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    const differences = opacities(picture).map((value, at) => Math.abs(value - (expected[at] ?? 0)));
    // Differences at the edge only: libvips and we disagree by a fraction of a pixel on where a pixel lies.
    expect(differences.reduce((most, one) => Math.max(most, one), 0)).toBeLessThan(60);
    expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThan(1);
  });

  it('of an even opacity is even, wherever the region lies', async () => {
    const side = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        side,
        side,
        fc.integer({ min: 0, max: 255 }),
        async (w, h, left, top, value) => {
          const placement = { scaled: { width: w + left, height: h + top }, region: { left, top } };
          const picture = await blend(plain(w, h, [1, 2, 3]), plain(7, 5, [value]), placement);
          expect(new Set(opacities(picture))).toEqual(new Set([value]));
        },
      ),
    );
  });

  it('lets others have their turn on a large picture', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      pending = setImmediate(count);
    };
    let pending = setImmediate(count);
    await blend(plain(2000, 1000, [1, 2, 3]), plain(320, 320, [255]), whole(2000, 1000));
    clearImmediate(pending);
    expect(turns).toBeGreaterThanOrEqual(7);
  });
});
