import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/engine/clock.ts';
import type { ItemContext } from '../../../src/core/jobs/workload.ts';
import type { CreatedProduct } from '../../../src/workloads/create-products/product-view.ts';
import { createProducts } from '../../../src/workloads/create-products/workload.ts';
import { memoryPorts } from '../memory.ts';

/** Pictures that came cut out: no model is loaded for them. */
async function photoOf(box: readonly [number, number, number, number]) {
  const [x, y, width, height] = box;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#203040"/></svg>`;
  const photo = await sharp(Buffer.from(svg)).png().toBuffer();
  return { base64: photo.toString('base64') };
}
const whole = await photoOf([100, 80, 200, 120]);
const cutOff = await photoOf([0, 80, 200, 120]);

function setUp(options: object) {
  const ports = memoryPorts({ SPILLWAY_CATALOG_TABLE: 'products' });
  const stored: string[] = [];
  const { put } = ports.blobs;
  ports.blobs.put = (key, ...rest) => {
    stored.push(key);
    return put.call(ports.blobs, key, ...rest);
  };
  const workload = createProducts(ports);
  const context: ItemContext<unknown> = {
    ...{ jobId: 'job_1', tenant: 'acme', index: 0, idempotencyKey: 'job_1/0' },
    options: workload.options.parse(options),
    signal: new AbortController().signal,
    stopAt: systemClock.now() + 60_000,
    log: { info() {}, warn() {}, error() {} },
    slice: { id: '000000', before: [], items: 1 },
  };
  const run = async (...images: object[]) =>
    (await workload.run(
      workload.item.parse({ images, metadata: { title: 'Thing' } }),
      context,
    )) as CreatedProduct;
  return { workload, context, stored, run, blobs: ports.blobs };
}

describe('create-products', () => {
  it('says of each picture whether somebody should look, and of the product if of any', async () => {
    const { workload, run } = setUp({});
    const made = await run(whole, cutOff);
    expect(made.images).toMatchObject([
      { confidence: 1, needsReview: false, reviewReasons: [], renditions: [] },
      { confidence: 1, needsReview: true, reviewReasons: ['touches-frame'] },
    ]);
    expect(workload.view?.needsReview?.(made)).toBe(true);
    expect(workload.view?.needsReview?.(await run(whole))).toBe(false);
  });

  it('fails the product where doubt is to fail it, and names the pictures', async () => {
    const { run, stored } = setUp({ onDoubt: 'fail' });
    await expect(run(whole, cutOff)).rejects.toMatchObject({
      code: 'PICTURE_NEEDS_REVIEW',
      details: [{ image: 1, confidence: 1, reviewReasons: ['touches-frame'] }],
    });
    expect(stored).toHaveLength(2);
    expect((await run(whole)).images).toHaveLength(1);
  });

  it('shows the whole photo where doubt is to, and only then', async () => {
    const { run } = setUp({ onDoubt: 'original', background: 'white' });
    const { images } = await run(whole, cutOff);
    expect(images[0]?.width).toBeLessThan(230);
    expect(images[1]).toMatchObject({ width: 400, height: 300, needsReview: true });
  });

  it('stores renditions beside the picture, shows links to them, and takes all back', async () => {
    const { workload, run, stored, context, blobs } = setUp({
      renditions: [
        { name: 'thumb', maxDimension: 64, format: 'jpeg' },
        { name: 'square', canvas: { width: 90, height: 90 } },
      ],
    });
    const made = await run(whole);
    const keys = ['0.webp', '0-thumb.jpeg', '0-square.webp'].map((name) => `products/acme/job_1/0/${name}`);
    expect(stored).toEqual(keys);
    expect(made.images[0]?.renditions).toMatchObject([
      { name: 'thumb', key: keys[1], width: 64, bytes: expect.any(Number) },
      { name: 'square', key: keys[2], width: 90, height: 90 },
    ]);
    const outcome = {
      index: 0,
      attempts: 1,
      durationMs: 1,
      ranOn: 'here',
      status: 'succeeded',
      output: made,
    } as const;
    const shown = await workload.view?.show(outcome);
    expect(workload.view?.schema?.parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({
      images: [{ renditions: [{ url: expect.stringContaining('0-thumb') }, {}] }],
    });
    await workload.undo?.(context);
    const left = await Promise.all(keys.map((key) => blobs.get(key)));
    expect(left).toEqual([undefined, undefined, undefined]);
  });
});
