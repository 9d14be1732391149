import sharp from 'sharp';
import type { SubjectFinder } from './background.ts';
import { explaining, openPhoto, type Photo } from './inspect.ts';
import { CERTAIN, figuresOf, NOTHING, type Verdict, verdictOf } from './review.ts';
import { MODEL_SIDE, type SubjectMask } from './u2net.ts';

/** Edges of a rectangle, as fractions of the photo's width and height. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where the subject is. Without `opacity`, the photo came already cut out, and its own transparency counts. */
export interface Subject {
  /** Around all that is visible, with a margin. */
  box: Box;
  /** The same without the margin. */
  tight: Box;
  /** 320 × 320 bytes, one per pixel of the photo squeezed into that square. */
  opacity?: Uint8Array;
}

/** Opacity from which a pixel counts as subject. */
const SOLID = 128;
/** Opacity from which a pixel belongs in the crop. */
const VISIBLE = 32;
/** Space around the subject, as a share of the longer side of its box. */
const MARGIN = 0.03;
/** With this share of transparent pixels a photo counts as already cut out; rounded corners stay below it. */
const CUT_OUT_SHARE = 0.05;

/** What was seen in a photo. */
export interface Sight {
  /** Undefined if the photo shows only background. */
  subject?: Subject;
  verdict: Verdict;
}

/** Looks for the subject, and judges how well it was found. */
export async function findSubject(photo: Photo, finder: SubjectFinder, signal: AbortSignal): Promise<Sight> {
  const side = MODEL_SIDE;
  // Costs a fraction of a full decode: a JPEG is shrunk up to eightfold while it is read.
  const { data, info } = await explaining(photo, () =>
    openPhoto(photo.bytes).resize(side, side, { fit: 'fill' }).raw().toBuffer({ resolveWithObject: true }),
  );
  const small = () => sharp(data, { raw: { width: side, height: side, channels: info.channels } });
  if (photo.hasAlpha) {
    const alpha = await small().extractChannel('alpha').raw().toBuffer();
    if (share(alpha, (value) => value < SOLID) >= CUT_OUT_SHARE) {
      return cutOutAlready(alpha);
    }
  }
  const rgb = info.channels === 3 ? data : await small().flatten({ background: 'white' }).raw().toBuffer();
  signal.throwIfAborted();
  const mask = await finder.find(rgb);
  const verdict = verdictOf(figuresOf(mask, rgb));
  const opacity = opacityOf(mask);
  const box = verdict.reasons.includes('no-subject') ? undefined : boxOf(opacity);
  const tight = boxOf(opacity, 0);
  return { ...(box && tight && { subject: { box, tight, opacity } }), verdict };
}

/** Somebody made this mask with more care than a model: only what it holds is judged. */
function cutOutAlready(alpha: Uint8Array): Sight {
  const [box, tight] = [boxOf(alpha), boxOf(alpha, 0)];
  if (!box || !tight) return { verdict: { confidence: 0, reasons: ['no-subject'] } };
  const { reasons } = verdictOf({ ...figuresOf(alpha), undecided: 0, edgeWidth: 0 });
  return { subject: { box, tight }, verdict: { confidence: 1, reasons } };
}

/**
 * Turns near-certainty at both ends into certainty, so that no haze stays around the subject and no holes within;
 * the slope in between smooths the edge.
 */
export function opacityOf(pixels: SubjectMask): Uint8Array {
  const opacity = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at < pixels.length; at++) {
    opacity[at] = (((pixels[at] ?? 0) - NOTHING) * 255) / (CERTAIN - NOTHING);
  }
  return new Uint8Array(opacity.buffer);
}

/** The box around all visible pixels, with a margin around it; undefined when there are none. */
export function boxOf(opacity: Uint8Array, marginShare = MARGIN): Box | undefined {
  let [left, top, right, bottom] = [MODEL_SIDE, MODEL_SIDE, 0, 0];
  for (let at = 0, y = 0; y < MODEL_SIDE; y++) {
    for (let x = 0; x < MODEL_SIDE; x++, at++) {
      if ((opacity[at] ?? 0) < VISIBLE) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  }
  if (right === 0) return undefined;
  const margin = marginShare * Math.max(right - left, bottom - top);
  const fraction = (edge: number) => Math.max(0, Math.min(1, edge / MODEL_SIDE));
  return {
    left: fraction(left - margin),
    top: fraction(top - margin),
    right: fraction(right + margin),
    bottom: fraction(bottom + margin),
  };
}

function share(values: Uint8Array, matches: (value: number) => boolean): number {
  let count = 0;
  for (const value of values) if (matches(value)) count++;
  return count / values.length;
}
