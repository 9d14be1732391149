/**
 * The thread that decodes one HEIC photo and ends. The decoder computes for seconds, and its memory never shrinks: both
 * go with the thread.
 */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

export interface HeicReply {
  /** Red, green, blue and opacity; upright. */
  rgba: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
}

/** What is used of libheif-js, which has no types of its own for it. */
interface HeifImage {
  get_width(): number;
  get_height(): number;
  is_primary(): boolean;
  /** Calls back with null if the photo is damaged. */
  display(target: DisplayTarget, done: (filled: DisplayTarget | null) => void): void;
}
interface DisplayTarget {
  data: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}
interface LibHeif {
  HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] };
}

async function decode(bytes: Uint8Array): Promise<HeicReply> {
  const { HeifDecoder } = createRequire(import.meta.url)('libheif-js/wasm-bundle') as LibHeif;
  const images = new HeifDecoder().decode(bytes);
  const image = images.find((one) => one.is_primary()) ?? images[0];
  if (!image) throw new Error('The file has no picture');
  const width = image.get_width();
  const height = image.get_height();
  const target = { data: new Uint8ClampedArray(width * height * 4), width, height };
  const filled = await new Promise<DisplayTarget | null>((resolve) => image.display(target, resolve));
  if (!filled) throw new Error('The picture does not decode');
  return { rgba: new Uint8Array(filled.data.buffer), width, height };
}

// A failure ends the thread with an error, which its caller sees.
const reply = await decode(workerData as Uint8Array);
parentPort?.postMessage(reply, [reply.rgba.buffer]);
