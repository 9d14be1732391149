import sharp from 'sharp';
import type { SubjectFinder } from '../../src/workloads/create-products/pictures/background.ts';
import { inspectPhoto } from '../../src/workloads/create-products/pictures/inspect.ts';
import {
  figuresOf,
  type MaskFigures,
  type Verdict,
} from '../../src/workloads/create-products/pictures/review.ts';
import { findSubject } from '../../src/workloads/create-products/pictures/subject.ts';
import { MODEL_SIDE } from '../../src/workloads/create-products/pictures/u2net.ts';
import type { Scene } from './scene.ts';

/** How well the product of a scene was found, over the whole picture. */
export interface Measured {
  scene: Scene;
  /** Mean absolute error of the opacity, 0 to 1. */
  mae: number;
  /** Intersection over union of the pixels that are opaque by half or more. 1 where there is and was found nothing. */
  iou: number;
  verdict: Verdict;
  figures: MaskFigures;
}

/** Finds the product as the service does, and compares its opacity with the exact one. */
export async function measure(scene: Scene, finder: SubjectFinder): Promise<Measured> {
  let figures: MaskFigures | undefined;
  const watched: SubjectFinder = {
    ...finder,
    async find(rgb) {
      const mask = await finder.find(rgb);
      figures = figuresOf(mask, rgb);
      return mask;
    },
  };
  const { subject, verdict } = await findSubject(
    await inspectPhoto(scene.photo),
    watched,
    new AbortController().signal,
  );
  if (!figures) throw new Error(`${scene.name} came already cut out`);
  const { width, height } = scene;
  const found = subject?.opacity
    ? await sharp(subject.opacity, { raw: { width: MODEL_SIDE, height: MODEL_SIDE, channels: 1 } })
        .resize(width, height, { fit: 'fill', kernel: 'cubic' })
        .extractChannel(0)
        .raw()
        .toBuffer()
    : new Uint8Array(width * height);
  let [error, both, either] = [0, 0, 0];
  for (let at = 0; at < found.length; at++) {
    const [is, should] = [found[at] ?? 0, scene.opacity[at] ?? 0];
    error += Math.abs(is - should);
    if (is >= 128 && should >= 128) both++;
    if (is >= 128 || should >= 128) either++;
  }
  return {
    ...{ scene, verdict, figures },
    mae: error / found.length / 255,
    iou: either === 0 ? 1 : both / either,
  };
}

/** Of masks that overlap with their product by less, somebody should know. */
export const leastIou = 0.9;
/** Shares of the photo and of its frame: see `review.ts`. */
const [smallShare, frameShare] = [0.01, 0.015];

/** Whether the mask came out wrong; one of a scene without a product is. */
export const isWrong = ({ scene, iou }: Measured) => scene.products === 0 || iou < leastIou;

/** Whether somebody should look: a wrong mask, a product cut off or hardly seen, none or several of them. */
export function shouldBeReviewed(measured: Measured): boolean {
  const { products, opacity, width, height } = measured.scene;
  let [covered, onFrame] = [0, 0];
  for (let at = 0; at < opacity.length; at++) {
    if ((opacity[at] ?? 0) < 128) continue;
    covered++;
    const x = at % width;
    const y = (at - x) / width;
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) onFrame++;
  }
  return (
    isWrong(measured) ||
    products !== 1 ||
    covered / opacity.length < smallShare ||
    onFrame / (2 * (width + height)) >= frameShare
  );
}

/** How well a flag tells what it should. */
export interface Accuracy {
  precision: number;
  recall: number;
  right: number;
  falseAlarms: number;
  missed: number;
}

export function accuracyOf<T>(
  all: readonly T[],
  should: (one: T) => boolean,
  does: (one: T) => boolean,
): Accuracy {
  const right = all.filter((one) => should(one) && does(one)).length;
  const falseAlarms = all.filter((one) => !should(one) && does(one)).length;
  const missed = all.filter((one) => should(one) && !does(one)).length;
  return {
    ...{ right, falseAlarms, missed },
    precision: right / Math.max(1, right + falseAlarms),
    recall: right / Math.max(1, right + missed),
  };
}
